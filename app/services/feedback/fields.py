"""What a piece of feedback is made of: each of its fields is told here once.

Whoever stores, lists, exports or shows feedback takes the names from here, so a new field of
`Submission` is stored and read by itself; docs/how-to/feedback-field.md says what else it needs. It
must be a column of the same name (`app.models.Feedback`).
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from app.models import Feedback
from app.models.columns import columns_of
from app.models.events import shown_in


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a user wrote: trimmed and checked. As it comes it is not yet scrubbed."""

    message: str
    name: str | None = None
    email: str | None = None
    url: str | None = None
    app_version: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeedbackRow(Submission):
    """Feedback as it is stored: a submission with its `SCRUBBED` fields scrubbed, and what became
    of it. `issue_id` is the issue that shows it."""

    id: int
    event_id: int | None
    issue_id: int | None
    status: str
    handled_at: datetime | None
    created_at: datetime


SUBMITTED = tuple(field.name for field in fields(Submission))
# The texts from which e-mail addresses, tokens and cards are taken before they are stored, and
# those that stay as typed, as the contract has it (section 3.2). Each text is in one of both.
SCRUBBED = ("message",)
AS_TYPED = ("name", "email", "url", "app_version")
# What makes two submissions from one address the same; the order is part of what is hashed.
COMPARED = ("message", "name", "email")
# Where the words of a search are looked for.
SEARCHED = ("message", "name", "email", "url")
# What a query selects to make a FeedbackRow; its issue may be merged into another, which shows it.
ROW: tuple[Any, ...] = (
    *columns_of(FeedbackRow, Feedback, apart_from=["issue_id"]),
    shown_in(Feedback.issue_id).label("issue_id"),
)
