"""Sessions as SDKs report them, and the figures that are kept of them."""

from app.services.sessions.reports import record, record_past, worsen

__all__ = ["record", "record_past", "worsen"]
