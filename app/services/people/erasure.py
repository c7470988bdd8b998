"""Takes away what names a person, in short transactions that each leave an audit entry.

What somebody sent goes whole: feedback, events, invitations, memberships. What others did stays,
without the address: audit entries, issues, which many events made, and the names of releases and
projects. Sessions stay, too, because figures are made of them, and lead to nobody any more.
Interrupted at any point, the next run finds what is left. Why so:
docs/decisions/0035-erasing-a-person.md.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import Connection, delete, select, update

from app.database import read_transaction, truncate_log, write_transaction
from app.models import (
    Account,
    AuditEntry,
    Event,
    Feedback,
    Invitation,
    Issue,
    Project,
    ProjectMember,
    Session,
)
from app.services import pacing
from app.services.accounts import deletion as account_deletion
from app.services.errors import Invalid
from app.services.people import release_renaming
from app.services.people.erasure_steps import BATCH_ROWS, Counts, Erasure, hide
from app.services.people.export import find_account
from app.services.people.rows import PersonAccount
from app.services.people.search import (
    Person,
    invitations_of,
    memberships_of,
    other_accounts,
    rows_naming,
    sessions_of,
)
from app.services.people.session_unlinking import SESSION_LABELS, unlink
from app.services.projects import purge as project_purge

_Target = tuple[str, int]  # what kind of row, and its id; of a membership, the account's


def erase_from_project(project_id: int, email: str, *, actor: str, now: datetime) -> Counts:
    """All but the account, which may be known elsewhere, too.

    Raises Invalid for the project's owner, whom its audit names for as long as they own it.
    """
    person = Person(email, project_id)
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
    erased = sum(pacing.resting(_erase(Erasure(person, actor, now))), Counts())
    truncate_log()
    return erased


def look_up(email: str) -> tuple[PersonAccount | None, Counts]:
    """Whose account it is, and how much an erasure from the instance would take."""
    person = Person(email)
    with read_transaction() as connection:
        account = find_account(connection, person)
        targets = list(chain.from_iterable(_find(connection, person).values()))
        counts = Counts(kind for kind, _ in targets)
        theirs = set(connection.execute(sessions_of(person, Session.id)).scalars())
        counts["sessions"] += len(
            theirs - {row_id for kind, row_id in targets if kind == "sessions"}
        )
        counts["releases"] = len(release_renaming.names_naming(connection, person))
        counts["account_names"] = len(_accounts(connection, person))
        return account, +counts


def erase_from_instance(email: str, *, now: datetime) -> Iterator[Counts]:
    """The account, all that it owns, and every row of any project; yields what each step took."""
    person = Person(email)
    with read_transaction() as connection:
        account = find_account(connection, person)
    if account is not None:
        account_deletion.delete_from_shell(account.id, now=now)
        yield Counts(account=1, projects=len(account.projects))
    for _ in project_purge.run():  # also what an interrupted erasure left
        yield Counts()
    yield from _erase(Erasure(person, None, now))
    with read_transaction() as connection:
        account_ids = _accounts(connection, person)
    if account_ids:
        with write_transaction() as connection:
            hidden = hide(connection, person.matcher, Account, "name", ids=account_ids)
        yield +Counts(account_names=hidden)
    truncate_log()


def _erase(erasure: Erasure) -> Iterator[Counts]:
    person = erasure.person
    with read_transaction() as connection:
        names = release_renaming.names_naming(connection, person)
    # First: what is left then, and names the person, tells whose it is.
    for name in names:
        yield from release_renaming.rename(erasure, name)
    yield from unlink(erasure)
    with read_transaction() as connection:
        found = _find(connection, person)
    for project_id, targets in found.items():
        for first in range(0, len(targets), BATCH_ROWS):
            batch = targets[first : first + BATCH_ROWS]
            work = partial(_erase_batch, person=person, project_id=project_id, batch=batch)
            yield erasure.step(project_id, work)


def _find(connection: Connection, person: Person) -> dict[int, list[_Target]]:
    """By project, in the order in which rows go."""
    found: dict[int, list[_Target]] = defaultdict(list)
    shared = {name.shared for name in release_renaming.names_naming(connection, person)}
    searched: dict[str, type[Any]] = {
        "feedback": Feedback,
        "events": Event,
        "issues": Issue,
        "sessions": Session,
        "audit": AuditEntry,
    }
    rows = {
        "memberships": connection.execute(
            memberships_of(person, ProjectMember.project_id, ProjectMember.account_id)
        ),
        "invitations": connection.execute(
            invitations_of(person, Invitation.project_id, Invitation.id)
        ),
        "project_names": rows_naming(connection, person, Project, Project.id, Project.id),
        **{
            kind: rows_naming(
                connection, person, model, model.project_id, model.id, apart_from=shared
            )
            for kind, model in searched.items()
        },
    }
    for kind, of_kind in rows.items():
        for project_id, row_id in of_kind:
            found[project_id].append((kind, row_id))
    return found


def _accounts(connection: Connection, person: Person) -> list[int]:
    return [row_id for row_id, in other_accounts(connection, person, Account.id)]


def _erase_batch(
    connection: Connection, *, person: Person, project_id: int, batch: list[_Target]
) -> Counts:
    erased = Counts()
    for kind, erase in _ERASERS.items():
        if ids := [row_id for of_kind, row_id in batch if of_kind == kind]:
            erased[kind] = erase(connection, person, project_id, ids)
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
    def erase(connection: Connection, person: Person, project_id: int, ids: list[int]) -> int:
        return hide(connection, person.matcher_of(model), model, *names, ids=ids)

    return erase


def _rename_project(connection: Connection, person: Person, project_id: int, _: list[int]) -> int:
    (pinned,) = connection.execute(
        select(Project.bundle_id).where(Project.id == project_id).with_for_update(key_share=True)
    ).one()
    is_named = person.name_matcher.is_named_in(pinned)
    if is_named:
        # Any other text would refuse each event; the next one pins its app again.
        connection.execute(update(Project).where(Project.id == project_id).values(bundle_id=None))
    hidden = hide(connection, person.name_matcher, Project, "name", "platform", ids=[project_id])
    return int(is_named or hidden > 0)


_ERASERS = {
    "memberships": _leave,
    "invitations": _delete_from(Invitation),
    "project_names": _rename_project,
    "feedback": _delete_from(Feedback),
    "events": _delete_from(Event),
    "issues": _hide_in(Issue, "exception_type", "message"),
    "sessions": _hide_in(Session, *SESSION_LABELS),
    "audit": _hide_in(AuditEntry, "actor", "detail"),
}
