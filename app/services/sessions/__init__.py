"""Sessions as SDKs report them, and the figures that are kept of them."""

from app.domain.session_sums import SessionSums
from app.services.sessions.reports import record, record_past, worsen
from app.services.sessions.sums import record_sums

__all__ = ["SessionSums", "record", "record_past", "record_sums", "worsen"]
