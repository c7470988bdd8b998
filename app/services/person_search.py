"""Finds the rows that name an address, in one project or in the whole instance.

Free text is searched in two steps: the database picks candidates by runs of plain letters, which
all databases compare alike, and `AddressMatcher` decides. There is no index for this: it walks the
tables once, which holds up no writer, and happens rarely. Every column that can hold text is either
searched or, in the test of this file, listed with the reason why not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.mentions import AddressMatcher
from app.extensions import Model
from app.models import Account, AuditEntry, Event, Feedback, Invitation, Issue, ProjectMember

# How many rows are fetched from the database at a time.
_FETCHED_ROWS = 500

SEARCHED_TEXTS: dict[type[Model], tuple[InstrumentedAttribute[Any], ...]] = {
    Feedback: (
        Feedback.email,
        Feedback.name,
        Feedback.url,
        Feedback.message,
        Feedback.app_version,
        Feedback.event_release,
    ),
    # Scrubbed when they came; an address in a link, `jo%40example.com`, is left as it was.
    Event: (
        Event.exception_type,
        Event.message,
        Event.content,
        Event.release,
        Event.environment,
        Event.platform,
    ),
    Issue: (Issue.exception_type, Issue.message),
    AuditEntry: (AuditEntry.actor, AuditEntry.detail),
}


@dataclass(frozen=True)
class Person:
    """Whom it is about, and where; `project_id` is None for the whole instance."""

    matcher: AddressMatcher
    project_id: int | None = None

    def in_scope(self, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        return true() if self.project_id is None else column == self.project_id


def rows_naming(
    connection: Connection, person: Person, model: type[Any], *columns: Any
) -> Iterator[Sequence[Any]]:
    """The given columns of each row whose texts name the person, oldest first."""
    texts = SEARCHED_TEXTS[model]
    query = (
        select(*texts, *columns)
        .where(person.in_scope(model.project_id), _is_candidate(connection, person, texts))
        .order_by(model.id)
        .execution_options(yield_per=_FETCHED_ROWS)
    )
    for row in connection.execute(query):
        if any(map(person.matcher.is_named_in, row[: len(texts)])):
            yield row[len(texts) :]


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
    connection: Connection, person: Person, texts: tuple[InstrumentedAttribute[Any], ...]
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
