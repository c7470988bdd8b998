"""Takes away what names a person, in short transactions that each leave an audit entry.

What somebody sent goes whole: feedback, events, invitations, memberships. What others did stays,
without the address: audit entries, issues, which many events made, and the names of releases and
projects. Each table declares which of both it is (app.models.duties). Sessions stay, too, because
figures are made of them, and lead to nobody any more. Interrupted at any point, the next run finds
what is left. Why so: docs/decisions/0035-erasing-a-person.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import Connection, delete, select, update

from app.database import read_transaction, truncate_log, write_transaction
from app.models import Account, Invitation, Project, ProjectMember, Session
from app.models.declared import about_people, project_id_in
from app.models.duties import OnErasure
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
from app.services.people.session_unlinking import unlink
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
            hidden = hide(connection, person.matcher, Account, ids=account_ids)
        yield +Counts(account_names=hidden)
    truncate_log()


def _erase(erasure: Erasure) -> Iterator[Counts]:
    person = erasure.person
    with read_transaction() as connection:
        names = release_renaming.names_naming(connection, person)
    # Rename these first: a name that many rows share does not tell whose they are, and what names
    # the person after that does.
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
    for kind, model in _erased_by_row().items():
        if kind in _FOUND_BY_KEY:
            find, *columns = _FOUND_BY_KEY[kind]
            rows: Iterable[Sequence[Any]] = connection.execute(find(person, *columns))
        else:
            columns = [project_id_in(model), model.id]
            rows = rows_naming(connection, person, model, *columns, apart_from=shared)
        for project_id, row_id in rows:
            found[project_id].append((kind, row_id))
    return found


def _erased_by_row() -> dict[str, type[Any]]:
    """The kinds of rows that go, or lose the name, one by one.

    Those that others point to come first, as everything that writes locks rows in that order: an
    issue, its event, then its session or feedback.
    """
    return {
        data.kind: model
        for model, data in reversed(about_people().items())
        if isinstance(data.on_erasure, OnErasure) or data.kind in _OWN_RULES
    }


def _accounts(connection: Connection, person: Person) -> list[int]:
    return [row_id for row_id, in other_accounts(connection, person, Account.id)]


def _erase_batch(
    connection: Connection, *, person: Person, project_id: int, batch: list[_Target]
) -> Counts:
    erased = Counts()
    for kind, model in _erased_by_row().items():
        if ids := [row_id for of_kind, row_id in batch if of_kind == kind]:
            if rule := _OWN_RULES.get(kind):
                erased[kind] = rule(connection, person, project_id, ids)
            else:
                erased[kind] = _erase_rows(connection, person, model, ids)
    return erased


def _erase_rows(connection: Connection, person: Person, model: type[Any], ids: list[int]) -> int:
    data = about_people()[model]
    if data.on_erasure is OnErasure.DELETE:
        return connection.execute(delete(model).where(model.id.in_(ids))).rowcount
    return hide(connection, person.matcher_of(model), model, ids=ids)


def _leave(connection: Connection, _: Person, project_id: int, account_ids: list[int]) -> int:
    memberships = delete(ProjectMember).where(
        ProjectMember.project_id == project_id, ProjectMember.account_id.in_(account_ids)
    )
    return connection.execute(memberships).rowcount


def _rename_project(connection: Connection, person: Person, project_id: int, _: list[int]) -> int:
    (pinned,) = connection.execute(
        select(Project.bundle_id).where(Project.id == project_id).with_for_update(key_share=True)
    ).one()
    is_named = person.name_matcher.is_named_in(pinned)
    if is_named:
        # Any other text would refuse each event; the next one pins its app again.
        connection.execute(update(Project).where(Project.id == project_id).values(bundle_id=None))
    hidden = hide(connection, person.name_matcher, Project, ids=[project_id], but=["bundle_id"])
    return int(is_named or hidden > 0)


# Rows that are found by the address itself, not in texts. Each has the function that selects them,
# and the columns for it to select: the project's id and the row's own.
_FOUND_BY_KEY: dict[str, tuple[Any, ...]] = {
    "memberships": (memberships_of, ProjectMember.project_id, ProjectMember.account_id),
    "invitations": (invitations_of, Invitation.project_id, Invitation.id),
}
_OWN_RULES = {"memberships": _leave, "project_names": _rename_project}
