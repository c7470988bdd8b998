"""Deletes what is older than the settings allow, and deleted projects, in short transactions.

After an interruption the next run goes on: each batch is complete in itself. Before the first raw
session goes, the horizon is written down, from which on raw sessions are complete.
"""

from collections.abc import Callable, Iterator
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


@dataclass(frozen=True)
class Purge:
    """One kind of rows that are due; `run` deletes them, and yields the number of each batch."""

    what: str
    due: int
    run: Callable[[], Iterator[int]]


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
    purge = _purge(rule.what, model, is_due, statement)
    if rule.horizon is None:
        return purge
    return replace(purge, run=partial(_above_horizon, purge, rule.horizon, oldest.date()))


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
    return Purge(what, _count(is_due), partial(by, model, is_due, statement))


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


def _count(is_due: ColumnElement[bool]) -> int:
    with read_transaction() as connection:
        return connection.execute(select(func.count()).where(is_due)).scalar_one()
