"""Events and the issues they make."""

from app.services.issues.issues import (
    NEWEST_FEEDBACK,
    EventRow,
    IssueDetail,
    count_by_status,
    list_page,
    read,
    read_event,
    read_row,
    top_of_release,
)
from app.services.issues.merges import TakenApart, merge, take_apart
from app.services.issues.triage import remove, set_status

__all__ = [
    "EventRow",
    "IssueDetail",
    "NEWEST_FEEDBACK",
    "TakenApart",
    "count_by_status",
    "list_page",
    "merge",
    "read",
    "read_event",
    "read_row",
    "remove",
    "set_status",
    "take_apart",
    "top_of_release",
]
