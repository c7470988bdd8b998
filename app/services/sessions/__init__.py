"""Sessions as they are reported, and the figures kept of them."""

from app.services.sessions.reports import record, record_past, worsen

__all__ = ["record", "record_past", "worsen"]
