"""What happened to an issue: what people did, from the audit, and what its events did."""

from dataclasses import dataclass
from datetime import datetime

from app.blueprints.console.projects.audit_words import deed_in_words
from app.services.issues import IssueDetail


@dataclass(frozen=True)
class Happening:
    """`who` is None for what came from an app."""

    at: datetime
    who: str | None
    words: str


def history_in_words(detail: IssueDetail) -> list[Happening]:
    """Newest first."""
    issue = detail.issue
    happened = [
        Happening(row.created_at, row.actor or "The instance's shell", deed_in_words(row))
        for row in detail.history
    ]
    if issue.reopened_at is not None:
        happened.append(Happening(issue.reopened_at, None, "A new event opened it again"))
    happened.append(Happening(issue.first_seen_at, None, "Seen for the first time"))
    return sorted(happened, key=lambda each: each.at, reverse=True)
