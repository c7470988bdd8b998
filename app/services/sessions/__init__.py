"""Sessions as SDKs report them, and the figures that are kept of them."""

from app.domain.session_sums import SessionSums
from app.services.sessions.reports import add, note_other_names, record, record_past, worsen
from app.services.sessions.sums import add_sums, record_sums

__all__ = [
    "SessionSums",
    "add",
    "add_sums",
    "note_other_names",
    "record",
    "record_past",
    "record_sums",
    "worsen",
]
