"""Deletes what is older than the settings allow, and deleted projects, in short transactions.

After an interruption the next run goes on: each batch is complete in itself. Before the first raw
session goes, the horizon is written down, from which on raw sessions are complete.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Date, Delete, Update, delete, func, or_, select, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from app.config import Settings
from app.database import insert_into, read_transaction, write_transaction
from app.models import RetentionHorizon
from app.models.declared import children_first, duties_of
from app.models.duties import Ages, Expires
from app.services.projects import purge as project_purge

Rule = TypeVar("Rule", Ages, Expires)

# A batch holds SQLite's write lock for some tens of milliseconds.
_BATCH_IDS = 5000
_BATCH_ROWS = 2000
# Among the horizons, because it is a day as they are.
_LAST_RUN = "last retention run"
# A timer runs it each day; a machine may have been off for some.
_USUAL_PAUSE = timedelta(days=7)


@dataclass(frozen=True)
class Purge:
    """One kind of rows that are due; `run` deletes them, and yields the number of each batch."""

    what: str
    due: int
    run: Callable[[], Iterator[int]]
    # Of how many rows, where a wrong clock could make most of them due.
    of: int = 0


def plan(settings: Settings, *, now: datetime) -> list[Purge]:
    """What is due; counts only, deletes nothing. A setting of 0 days keeps for ever."""
    purges = [Purge("rows of deleted projects", project_purge.due(), project_purge.run)]
    # In the order of the settings; then what holds shortest.
    order = [field.name for field in fields(Settings)]
    for model, ages in sorted(_declared(Ages), key=lambda found: order.index(found[1].setting)):
        if days := getattr(settings, ages.setting):
            purges.append(_by_age(model, ages, now - timedelta(days=days)))
    for model, expires in sorted(_declared(Expires), key=lambda found: found[1].after):
        is_due = getattr(model, expires.by) <= now - expires.after
        purges.append(_purge(expires.what, model, is_due, delete(model)))
    return purges


def refusal(purges: Sequence[Purge], *, now: datetime) -> str | None:
    """Why a run should stop and be looked at: under a clock that is ahead nearly all would go.

    That is when more than a half of a table is due at once, unless a run ended in the last days:
    where little comes in any more, the last rows are always most of what is left.
    """
    with read_transaction() as connection:
        query = select(RetentionHorizon.day).where(RetentionHorizon.name == _LAST_RUN)
        last_run = connection.execute(query).scalar()
    if last_run is not None and abs(now.date() - last_run) <= _USUAL_PAUSE:
        return None
    most = [purge for purge in purges if purge.due * 2 > purge.of > 0]
    if not most:
        return None
    due = ", ".join(f"{purge.due} of {purge.of} {purge.what}" for purge in most)
    since = f"the last run was on {last_run}" if last_run else "no run has ended before"
    return (
        f"More than a half of a table is due at once: {due}; it is {now:%Y-%m-%d %H:%M} UTC by this"
        f" machine's clock, and {since}. If the clock is right, run it with --even-most."
    )


def note_run(*, now: datetime) -> None:
    """A run has ended on this day."""
    with write_transaction() as connection:
        insert = insert_into(connection.dialect.name, RetentionHorizon)
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["name"], set_={"day": insert.excluded.day}
            ),
            {"name": _LAST_RUN, "day": now.date()},
        )


def _declared(kind: type[Rule]) -> list[tuple[type[Any], Rule]]:
    return [
        (model, rule)
        for model in children_first()
        for rule in duties_of(model).ages
        if isinstance(rule, kind)
    ]


def _by_age(model: type[Any], rule: Ages, oldest: datetime) -> Purge:
    column = getattr(model, rule.by)
    has_days = isinstance(column.type, Date)
    is_due: ColumnElement[bool] = column < (oldest.date() if has_days else oldest)
    statement: Delete | Update = delete(model)
    if rule.forgets:
        statement = update(model).values(dict.fromkeys(rule.forgets))
        is_due &= or_(*(getattr(model, name).is_not(None) for name in rule.forgets))
    # Of what may be due in the end: of columns that are forgotten, those that are not yet.
    of = _count(_may_be_due(model, rule), model)
    purge = replace(_purge(rule.what, model, is_due, statement), of=of)
    if rule.horizon is None:
        return purge
    return replace(purge, run=partial(_above_horizon, purge, rule.horizon, oldest.date()))


def _may_be_due(model: type[Any], rule: Ages) -> ColumnElement[bool]:
    return or_(*(getattr(model, name).is_not(None) for name in rule.forgets or (rule.by,)))


def _above_horizon(purge: Purge, name: str, day: date) -> Iterator[int]:
    _raise_horizon(name, day)
    yield from purge.run()


def _raise_horizon(name: str, day: date) -> None:
    with write_transaction() as connection:
        insert = insert_into(connection.dialect.name, RetentionHorizon)
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["name"],
                set_={"day": insert.excluded.day},
                where=RetentionHorizon.day < insert.excluded.day,
            ),
            {"name": name, "day": day},
        )


def _purge(
    what: str, model: type[Any], is_due: ColumnElement[bool], statement: Delete | Update
) -> Purge:
    by = _by_id if "id" in model.__table__.primary_key.columns else _by_key
    return Purge(what, _count(is_due, model), partial(by, model, is_due, statement))


def _by_id(
    model: type[Any], is_due: ColumnElement[bool], statement: Delete | Update
) -> Iterator[int]:
    """Walk all ids in order: this needs no index on time, and finds rows that are out of order."""
    with read_transaction() as connection:
        lowest, highest = connection.execute(
            select(func.min(model.id), func.max(model.id)).where(is_due)
        ).one()
    if lowest is None:
        return
    for first in range(lowest, highest + 1, _BATCH_IDS):
        in_batch = model.id.between(first, first + _BATCH_IDS - 1)
        with write_transaction() as connection:
            purged = connection.execute(statement.where(is_due, in_batch)).rowcount
        yield purged


def _by_key(
    model: type[Any], is_due: ColumnElement[bool], statement: Delete | Update
) -> Iterator[int]:
    """Delete from tables that have no id of their own."""
    columns = model.__table__.primary_key.columns
    in_batch = tuple_(*columns).in_(select(*columns).where(is_due).limit(_BATCH_ROWS))
    purged = _BATCH_ROWS
    while purged == _BATCH_ROWS:
        with write_transaction() as connection:
            purged = connection.execute(statement.where(in_batch)).rowcount
        yield purged


def _count(condition: ColumnElement[bool], model: type[Any]) -> int:
    query = select(func.count()).select_from(model).where(condition)
    with read_transaction() as connection:
        return connection.execute(query).scalar_one()
