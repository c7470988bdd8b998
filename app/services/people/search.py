"""Finds the rows that name an address, in one project or in the whole instance.

Free text is searched in two steps: the database picks candidates by runs of plain letters, which
all databases compare alike, and `AddressMatcher` decides. There is no index for this: it walks the
tables once, which holds up no writer, and happens rarely. Which columns it reads, and why it does
not read the others, is declared beside each table (app.models.duties).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    cast,
    collate,
    func,
    null,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.mentions import AddressMatcher
from app.domain.user_key import user_key
from app.models import Account, Invitation, ProjectMember, Session
from app.models.declared import duties_of, project_id_in, searched_columns

# How many rows are fetched from the database at a time.
_FETCHED_ROWS = 500

# A project and the name of one of its releases or environments: many rows share it, so it does not
# tell whose they are. In columns that are declared to share one, such a name stands.
SharedName = tuple[int, str]


@dataclass(frozen=True)
class Person:
    """Whom it is about, and where; `project_id` is None for the whole instance."""

    email: str
    project_id: int | None = None

    @cached_property
    def matcher(self) -> AddressMatcher:
        return AddressMatcher(self.email)

    @cached_property
    def name_matcher(self) -> AddressMatcher:
        return AddressMatcher(self.email, in_names=True)

    def matcher_of(self, model: type[Any]) -> AddressMatcher:
        about = duties_of(model).person
        return self.name_matcher if about is not None and about.is_a_name else self.matcher

    @property
    def user_keys(self) -> set[bytes]:
        """What stands for the person in sessions of an app that sends addresses as ids."""
        return set(map(user_key, self.matcher.spellings))

    def in_scope(self, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        return true() if self.project_id is None else column == self.project_id


def rows_naming(
    connection: Connection,
    person: Person,
    model: type[Any],
    *columns: Any,
    apart_from: Collection[SharedName] = (),
) -> Iterator[Sequence[Any]]:
    """The given columns of each row whose texts name the person, oldest first.

    Rows that name them by nothing but a shared name `apart_from` which they are searched are none.
    """
    matcher = person.matcher_of(model)
    duties = duties_of(model)
    texts = searched_columns(model)
    may_share = [name in duties.shared for name in duties.searched]
    project_id = project_id_in(model)  # None: accounts are searched in the whole instance only
    scope = true() if project_id is None else person.in_scope(project_id)
    query = (
        select(null() if project_id is None else project_id, *texts, *columns)
        .where(scope, _is_candidate(connection, person, texts))
        .order_by(*model.__table__.primary_key)
        .execution_options(yield_per=_FETCHED_ROWS)
    )
    first = 1 + len(texts)
    for row in connection.execute(query):
        if any(
            matcher.is_named_in(text) and not (may and (row[0], text) in apart_from)
            for may, text in zip(may_share, row[1:first], strict=True)
        ):
            yield row[first:]


def shared_names_naming(
    connection: Connection, person: Person, model: type[Any]
) -> Iterator[tuple[SharedName, str]]:
    """In rows that are somebody's: each name of a build that is not just the address, and the
    column of `releases` that it is of."""
    for name, shares in duties_of(model).shared.items():
        column = getattr(model, name)
        query = (
            select(model.project_id, column)
            .where(person.in_scope(model.project_id), _is_candidate(connection, person, (column,)))
            .distinct()
            .order_by(model.project_id, column)
        )
        for project_id, text in connection.execute(query):
            if person.name_matcher.is_named_in(text) and not person.matcher.is_named_in(text):
                yield (project_id, text), shares


def sessions_of(person: Person, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Those whose user the person is; `rows_naming` finds those that name them in a label."""
    return (
        select(*columns)
        .where(Session.user_key.in_(person.user_keys), person.in_scope(Session.project_id))
        .order_by(Session.id)
    )


def other_accounts(
    connection: Connection, person: Person, *columns: Any
) -> Iterator[Sequence[Any]]:
    """Whose owner's name names the person, as `for jo@example.com`; for the whole instance."""
    for key, *row in rows_naming(connection, person, Account, Account.email_key, *columns):
        if key != person.matcher.key:
            yield row


def invitations_of(person: Person, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .where(Invitation.email_key == person.matcher.key, person.in_scope(Invitation.project_id))
        .order_by(Invitation.id)
    )


def memberships_of(person: Person, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(ProjectMember)
        .join(Account, Account.id == ProjectMember.account_id)
        .where(Account.email_key == person.matcher.key, person.in_scope(ProjectMember.project_id))
        .order_by(ProjectMember.project_id)
    )


def _is_candidate(
    connection: Connection, person: Person, texts: tuple[Any, ...]
) -> ColumnElement[bool]:
    parts = [func.coalesce(cast(text, Text), "") for text in texts]
    whole: ColumnElement[str] = parts[0]
    for part in parts[1:]:
        whole = whole + "\n" + part
    if connection.dialect.name == "postgresql":
        # Else the server's language decides which letters are the same: I and i, mostly.
        found = [collate(whole, "C").ilike(f"%{run}%") for run in person.matcher.plain_runs]
    else:
        found = [whole.like(f"%{run}%") for run in person.matcher.plain_runs]
    return and_(true(), *found)
