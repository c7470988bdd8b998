"""Everything that is kept about a person, for them to read.

No secrets: a password's hash, a token's digest and the secret of two-factor tell nobody anything
about themselves. Nor the hash of a sender's network address, which no API shows.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from app.database import read_transaction, snapshot
from app.domain.mentions import AddressMatcher
from app.models import (
    Account,
    AuditEntry,
    Event,
    Feedback,
    Invitation,
    Issue,
    Project,
    ProjectMember,
    UserToken,
)
from app.models.projects import IS_ALIVE
from app.services.audit import AuditRow
from app.services.person_search import Person, invitations_of, memberships_of, rows_naming
from app.services.triage import FeedbackRow


@dataclass(frozen=True, kw_only=True)
class PersonFeedback(FeedbackRow):
    project_id: int


@dataclass(frozen=True, kw_only=True)
class PersonEvent:
    id: int
    project_id: int
    issue_id: int
    exception_type: str
    message: str | None
    level: str
    release: str | None
    environment: str
    platform: str | None
    content: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class PersonIssue:
    id: int
    project_id: int
    exception_type: str
    message: str | None


@dataclass(frozen=True, kw_only=True)
class PersonInvitation:
    id: int
    project_id: int
    email: str
    role: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class PersonMembership:
    project_id: int
    role: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class PersonAuditEntry(AuditRow):
    project_id: int


@dataclass(frozen=True, kw_only=True)
class PersonRows:
    """What projects hold; each row tells which project it belongs to."""

    feedback: list[PersonFeedback]
    events: list[PersonEvent]
    issues: list[PersonIssue]
    invitations: list[PersonInvitation]
    memberships: list[PersonMembership]
    audit: list[PersonAuditEntry]


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


def export_from_project(project_id: int, email: str) -> PersonRows:
    with snapshot(), read_transaction() as connection:
        person = Person(AddressMatcher(email), project_id)
        return PersonRows(**_rows(connection, person))


def export_from_instance(email: str) -> PersonExport:
    with snapshot(), read_transaction() as connection:
        person = Person(AddressMatcher(email))
        account = find_account(connection, person)
        return PersonExport(account=account, **_rows(connection, person))


def find_account(connection: Connection, person: Person) -> PersonAccount | None:
    account = connection.execute(
        select(
            Account.id,
            Account.email,
            Account.name,
            Account.created_at,
            Account.totp_confirmed_at.label("two_factor_since"),
        ).where(Account.email_key == person.matcher.key)
    ).one_or_none()
    if account is None:
        return None
    tokens = (
        select(UserToken.name, UserToken.created_at)
        .where(UserToken.account_id == account.id)
        .order_by(UserToken.id)
    )
    projects = (
        select(Project.id, Project.name)
        .where(Project.owner_id == account.id, IS_ALIVE)
        .order_by(Project.id)
    )
    return PersonAccount(
        **account._asdict(),
        tokens=[PersonToken(*row) for row in connection.execute(tokens)],
        projects=[OwnedProject(*row) for row in connection.execute(projects)],
    )


def _rows(connection: Connection, person: Person) -> dict[str, Any]:
    invitations = invitations_of(person, *_columns(PersonInvitation, Invitation))
    memberships = memberships_of(person, *_columns(PersonMembership, ProjectMember))
    return {
        "feedback": _naming(connection, person, PersonFeedback, Feedback),
        "events": _naming(connection, person, PersonEvent, Event),
        "issues": _naming(connection, person, PersonIssue, Issue),
        "invitations": _made(PersonInvitation, connection.execute(invitations)),
        "memberships": _made(PersonMembership, connection.execute(memberships)),
        "audit": _naming(connection, person, PersonAuditEntry, AuditEntry),
    }


Found = TypeVar("Found")


def _naming(
    connection: Connection, person: Person, kind: type[Found], model: type[Any]
) -> list[Found]:
    return _made(kind, rows_naming(connection, person, model, *_columns(kind, model)))


def _columns(kind: type[Any], model: type[Any]) -> list[Any]:
    return [getattr(model, field.name) for field in dataclasses.fields(kind)]


def _made(kind: type[Found], rows: Iterable[Sequence[Any]]) -> list[Found]:
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    return [kind(**dict(zip(names, row, strict=True))) for row in rows]
