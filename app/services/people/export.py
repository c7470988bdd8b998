"""Everything that is kept about a person, for them to read.

No secrets: a password's hash, a token's digest and the secret of two-factor tell nobody anything
about themselves. Nor the hash of a sender's network address, which no API shows.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, select

from app.database import read_transaction, snapshot
from app.models import (
    Account,
    Invitation,
    IssueRelease,
    Project,
    ProjectMember,
    Release,
    Session,
    UserToken,
)
from app.models.columns import columns_of
from app.models.declared import about_people
from app.models.events import shown_in
from app.models.projects import IS_ALIVE
from app.services.people.rows import (
    OwnedProject,
    PersonAccount,
    PersonAccountName,
    PersonExport,
    PersonInvitation,
    PersonMembership,
    PersonProjectName,
    PersonRelease,
    PersonRows,
    PersonSession,
    PersonToken,
)
from app.services.people.search import (
    Person,
    invitations_of,
    memberships_of,
    other_accounts,
    rows_naming,
    sessions_of,
)

Found = TypeVar("Found")


def export_from_project(project_id: int, email: str) -> PersonRows:
    with snapshot(), read_transaction() as connection:
        person = Person(email, project_id)
        return PersonRows(**_rows(connection, person))


def export_from_instance(email: str) -> PersonExport:
    with snapshot(), read_transaction() as connection:
        person = Person(email)
        others = other_accounts(connection, person, *columns_of(PersonAccountName, Account))
        return PersonExport(
            account=find_account(connection, person),
            account_names=_made(PersonAccountName, others),
            **_rows(connection, person),
        )


def find_account(connection: Connection, person: Person) -> PersonAccount | None:
    account = connection.execute(
        select(
            *columns_of(
                PersonAccount, Account, apart_from=["two_factor_since", "tokens", "projects"]
            ),
            Account.totp_confirmed_at.label("two_factor_since"),
        ).where(Account.email_key == person.matcher.key)
    ).one_or_none()
    if account is None:
        return None
    tokens = (
        select(*columns_of(PersonToken, UserToken))
        .where(UserToken.account_id == account.id)
        .order_by(UserToken.id)
    )
    projects = (
        select(*columns_of(OwnedProject, Project))
        .where(Project.owner_id == account.id, IS_ALIVE)
        .order_by(Project.id)
    )
    return PersonAccount(
        **account._asdict(),
        tokens=[PersonToken(*row) for row in connection.execute(tokens)],
        projects=[OwnedProject(*row) for row in connection.execute(projects)],
    )


def _rows(connection: Connection, person: Person) -> dict[str, Any]:
    models = {data.kind: model for model, data in about_people().items()}
    return {
        kind: (
            _OWN_RULES[kind](connection, person)
            if kind in _OWN_RULES
            else _naming(connection, person, row, models[kind])
        )
        for kind, row in PersonRows.kinds().items()
    }


def _naming(
    connection: Connection, person: Person, kind: type[Found], model: type[Any]
) -> list[Found]:
    columns = [
        # An issue may be merged into another, which shows what is its.
        shown_in(column) if column.key == "issue_id" else column
        for column in columns_of(kind, model)
    ]
    return _made(kind, rows_naming(connection, person, model, *columns))


def _invitations(connection: Connection, person: Person) -> list[PersonInvitation]:
    invitations = invitations_of(person, *columns_of(PersonInvitation, Invitation))
    return _made(PersonInvitation, connection.execute(invitations))


def _memberships(connection: Connection, person: Person) -> list[PersonMembership]:
    memberships = memberships_of(person, *columns_of(PersonMembership, ProjectMember))
    return _made(PersonMembership, connection.execute(memberships))


def _project_names(connection: Connection, person: Person) -> list[PersonProjectName]:
    columns = columns_of(PersonProjectName, Project, apart_from=["project_id"])
    return _made(PersonProjectName, rows_naming(connection, person, Project, Project.id, *columns))


def _sessions(connection: Connection, person: Person) -> list[PersonSession]:
    """By either reason, once, oldest first."""
    release = select(Release.name).where(Release.id == Session.release_id)
    environment = select(Release.environment).where(Release.id == Session.release_id)
    columns = [
        getattr(Session, field.name, None) for field in dataclasses.fields(PersonSession)[:-1]
    ]
    columns[3:5] = release.scalar_subquery(), environment.scalar_subquery()
    theirs = {row[0]: row for row in connection.execute(sessions_of(person, *columns))}
    labelled = {row[0]: row for row in rows_naming(connection, person, Session, *columns)}
    found = []
    for row_id, row in sorted({**labelled, **theirs}.items()):
        values = [*row[:2], str(UUID(bytes=row[2])), *row[3:], row_id in theirs]
        found += _made(PersonSession, [values])
    return found


def _releases(connection: Connection, person: Person) -> list[PersonRelease]:
    own = (Release.project_id, Release.name, Release.environment)
    of_issues = (IssueRelease.project_id, IssueRelease.release, shown_in(IssueRelease.issue_id))
    releases = [
        (project_id, name, environment or None, None)
        for project_id, name, environment in rows_naming(connection, person, Release, *own)
    ]
    releases += [
        (project_id, name, None, issue_id)
        for project_id, name, issue_id in rows_naming(connection, person, IssueRelease, *of_issues)
    ]
    return _made(PersonRelease, releases)


def _made(kind: type[Found], rows: Iterable[Sequence[Any]]) -> list[Found]:
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    return [kind(**dict(zip(names, row, strict=True))) for row in rows]


# Kinds whose rows are not found by searching the texts of one table, or not told by its columns.
_OWN_RULES: dict[str, Callable[[Connection, Person], list[Any]]] = {
    "invitations": _invitations,
    "memberships": _memberships,
    "sessions": _sessions,
    "releases": _releases,
    "project_names": _project_names,
}
