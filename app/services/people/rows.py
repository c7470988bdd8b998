"""What is told about a person: one kind of row for each kind of thing that can name them.

The names of the kinds are those of an export, and of what an erasure counts.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args, get_type_hints

from app.services.audit import AuditRow
from app.services.feedback.fields import FeedbackRow
from app.services.issues.issues import EventRow
from app.services.projects.invitations import InvitationRow


@dataclass(frozen=True, kw_only=True)
class PersonFeedback(FeedbackRow):
    project_id: int
    details: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class PersonEvent(EventRow):
    project_id: int


@dataclass(frozen=True, kw_only=True)
class PersonIssue:
    id: int
    project_id: int
    exception_type: str
    message: str | None
    grounds: list[dict[str, Any]] | None


@dataclass(frozen=True, kw_only=True)
class PersonInvitation(InvitationRow):
    project_id: int


@dataclass(frozen=True, kw_only=True)
class PersonMembership:
    project_id: int
    role: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class PersonAuditEntry(AuditRow):
    project_id: int


@dataclass(frozen=True, kw_only=True)
class PersonSession:
    """`is_theirs` tells that the app sent the address as its user's id."""

    id: int
    project_id: int
    session_id: str  # the UUID
    release: str
    environment: str
    status: str
    app_version: str | None
    os_name: str | None
    app_id: str | None
    duration_ms: int | None
    started_at: datetime
    ended_at: datetime | None
    errors: int
    unhandled: bool
    abnormal_mechanism: str | None
    reported_at: datetime | None
    is_theirs: bool


@dataclass(frozen=True, kw_only=True)
class PersonRelease:
    """A release whose name, or whose environment's, names the person.

    `environment` is None where all of them are meant; `issue_id` is None but where an issue was
    seen in the release.
    """

    project_id: int
    name: str
    environment: str | None
    issue_id: int | None


@dataclass(frozen=True, kw_only=True)
class PersonProjectName:
    project_id: int
    name: str
    platform: str | None
    bundle_id: str | None


@dataclass(frozen=True, kw_only=True)
class PersonAccountName:
    """Somebody else's account; it is their address that is kept back."""

    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class PersonRows:
    """What projects hold; each row tells which project it belongs to."""

    feedback: list[PersonFeedback]
    events: list[PersonEvent]
    issues: list[PersonIssue]
    invitations: list[PersonInvitation]
    memberships: list[PersonMembership]
    audit: list[PersonAuditEntry]
    sessions: list[PersonSession]
    releases: list[PersonRelease]
    project_names: list[PersonProjectName]

    @classmethod
    def kinds(cls) -> dict[str, type[Any]]:
        """What each row is, by the name that a table declares (app.models.duties)."""
        return {name: get_args(of_rows)[0] for name, of_rows in get_type_hints(cls).items()}


@dataclass(frozen=True)
class PersonToken:
    name: str
    created_at: datetime


@dataclass(frozen=True)
class OwnedProject:
    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class PersonAccount:
    id: int
    email: str
    name: str | None
    created_at: datetime
    two_factor_since: datetime | None
    tokens: list[PersonToken]
    projects: list[OwnedProject]


@dataclass(frozen=True, kw_only=True)
class PersonExport(PersonRows):
    """What the whole instance holds; `account` is None for somebody who has none."""

    account: PersonAccount | None
    account_names: list[PersonAccountName]
