"""Takes away what names a person, in short transactions that each leave an audit entry.

What somebody sent goes whole: feedback, events, invitations, memberships. What others did stays,
without the address: audit entries, and issues, which many events made. Interrupted at any point,
the next run finds what is left. Why so: docs/decisions/0035-erasing-a-person.md.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from app.database import read_transaction, truncate_log, write_transaction
from app.domain.audit_action import AuditAction
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
)
from app.services import account_deletion, audit, pacing, project_purge
from app.services.errors import Invalid
from app.services.person_export import PersonAccount, find_account
from app.services.person_search import Person, invitations_of, memberships_of, rows_naming

# A batch holds SQLite's write lock for some tens of milliseconds.
_BATCH_ROWS = 200

# How many rows of each kind: by the names that an export has for them.
Counts = Counter[str]
_Target = tuple[str, int]  # what kind of row, and its id; of a membership, the account's


def erase_from_project(project_id: int, email: str, *, actor: str, now: datetime) -> Counts:
    """All but the account, which may be known elsewhere, too.

    Raises Invalid for the project's owner, whom its audit names for as long as they own it.
    """
    person = Person(AddressMatcher(email), project_id)
    with read_transaction() as connection:
        owner_key = connection.execute(
            select(Account.email_key)
            .join(Project, Project.owner_id == Account.id)
            .where(Project.id == project_id)
        ).scalar()
    if owner_key == person.matcher.key:
        raise Invalid(
            "email",
            "The email is that of the project's owner, who cannot be erased from it: delete single"
            " feedback instead, or the account.",
        )
    erased = sum(pacing.resting(_erase(person, actor=actor, now=now)), Counts())
    truncate_log()
    return erased


def look_up(email: str) -> tuple[PersonAccount | None, Counts]:
    """Whose account it is, and how much an erasure from the instance would take."""
    person = Person(AddressMatcher(email))
    with read_transaction() as connection:
        account = find_account(connection, person)
        return account, Counts(kind for targets in _find(person).values() for kind, _ in targets)


def erase_from_instance(email: str, *, now: datetime) -> Iterator[Counts]:
    """The account, all that it owns, and every row of any project; yields what each step took."""
    person = Person(AddressMatcher(email))
    with read_transaction() as connection:
        account = find_account(connection, person)
    if account is not None:
        account_deletion.delete_from_shell(account.id, now=now)
        yield Counts(account=1, projects=len(account.projects))
    for _ in project_purge.run():  # also what an interrupted erasure left
        yield Counts()
    yield from _erase(person, actor=None, now=now)
    truncate_log()


def _erase(person: Person, *, actor: str | None, now: datetime) -> Iterator[Counts]:
    for project_id, targets in _find(person).items():
        for first in range(0, len(targets), _BATCH_ROWS):
            batch = targets[first : first + _BATCH_ROWS]
            yield _erase_batch(person, project_id, batch, actor=actor, now=now)


def _find(person: Person) -> dict[int, list[_Target]]:
    """By project, in the order in which rows go."""
    found: dict[int, list[_Target]] = defaultdict(list)
    with read_transaction() as connection:
        rows = {
            "memberships": connection.execute(
                memberships_of(person, ProjectMember.project_id, ProjectMember.account_id)
            ),
            "invitations": connection.execute(
                invitations_of(person, Invitation.project_id, Invitation.id)
            ),
            "feedback": rows_naming(connection, person, Feedback, Feedback.project_id, Feedback.id),
            "events": rows_naming(connection, person, Event, Event.project_id, Event.id),
            "issues": rows_naming(connection, person, Issue, Issue.project_id, Issue.id),
            "audit": rows_naming(
                connection, person, AuditEntry, AuditEntry.project_id, AuditEntry.id
            ),
        }
        for kind, of_kind in rows.items():
            for project_id, row_id in of_kind:
                found[project_id].append((kind, row_id))
    return found


def _erase_batch(
    person: Person,
    project_id: int,
    batch: list[_Target],
    *,
    actor: str | None,
    now: datetime,
) -> Counts:
    erased = Counts()
    with write_transaction() as connection:
        # One batch at a time for each project, or two would lock the same rows in another order.
        turn = select(Project.id).where(Project.id == project_id).with_for_update(key_share=True)
        if connection.execute(turn).scalar() is None:
            return erased  # purged meanwhile, with all its rows
        for kind, erase in _ERASERS.items():
            if ids := [row_id for of_kind, row_id in batch if of_kind == kind]:
                erased[kind] = erase(connection, person, project_id, ids)
        erased += Counts()  # drops what was not there any more
        if erased:
            deed = AuditAction.PERSON_ERASED
            audit.record(connection, project_id, deed, actor=actor, now=now, **erased)
    return erased


def _leave(connection: Connection, _: Person, project_id: int, account_ids: list[int]) -> int:
    memberships = delete(ProjectMember).where(
        ProjectMember.project_id == project_id, ProjectMember.account_id.in_(account_ids)
    )
    return connection.execute(memberships).rowcount


def _delete_from(model: type[Any]) -> Callable[[Connection, Person, int, list[int]], int]:
    def erase(connection: Connection, _: Person, project_id: int, ids: list[int]) -> int:
        return connection.execute(delete(model).where(model.id.in_(ids))).rowcount

    return erase


def _hide_in(model: type[Any], *names: str) -> Callable[[Connection, Person, int, list[int]], int]:
    """Rows stay; each text in these columns that names the person is replaced."""
    columns = [getattr(model, name) for name in names]

    def erase(connection: Connection, person: Person, project_id: int, ids: list[int]) -> int:
        rows = connection.execute(
            select(model.id, *columns).where(model.id.in_(ids)).order_by(model.id).with_for_update()
        ).all()
        for row_id, *values in rows:
            hidden = {
                name: person.matcher.hide_in(value)
                for name, value in zip(names, values, strict=True)
                if person.matcher.is_named_in(value)
            }
            if hidden:
                connection.execute(update(model).where(model.id == row_id).values(hidden))
        return len(rows)

    return erase


_ERASERS = {
    "memberships": _leave,
    "invitations": _delete_from(Invitation),
    "feedback": _delete_from(Feedback),
    "events": _delete_from(Event),
    "issues": _hide_in(Issue, "exception_type", "message"),
    "audit": _hide_in(AuditEntry, "actor", "detail"),
}
