"""Puts times of the future right in one column, by what the column's table declares of it.

When a row really came nobody knows. Rows get their ids in the order in which they come, so the row
before tells best.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Date,
    Integer,
    bindparam,
    delete,
    func,
    select,
    tuple_,
    update,
)

from app.database import insert_into, read_transaction, write_transaction
from app.models.declared import project_id_in
from app.services.instance.future_rows import is_ahead

_BATCH_ROWS = 1000


def as_row_before(model: type[Any], column: Any, *, now: datetime) -> int:
    """How many rows moved."""
    moved = 0
    while changes := _of_rows_before(model, column, now=now):
        change = update(model).where(model.id == bindparam("of"))
        with write_transaction() as connection:
            connection.execute(change.values({column: bindparam("came")}), changes)
        moved += len(changes)
    return moved


def to_now(model: type[Any], column: Any, *, now: datetime) -> int:
    value = now.date() if isinstance(column.type, Date) else now
    change = update(model).where(is_ahead(column, now)).values({column: value})
    with write_transaction() as connection:
        return connection.execute(change).rowcount


def remove(model: type[Any], column: Any, *, now: datetime) -> int:
    with write_transaction() as connection:
        return connection.execute(delete(model).where(is_ahead(column, now))).rowcount


def to_day_before(model: type[Any], column: Any, *, now: datetime) -> int:
    """Add the figures of days to come to the project's newest day that is right, or to today."""
    moved = 0
    while batch := _move_days(model, column, now):
        moved += batch
    return moved


def time_before(
    connection: Connection,
    column: Any,
    row_id: int,
    known: Mapping[int, datetime],
    *,
    now: datetime,
) -> datetime:
    """The time of the row before this one; `known` has what was found out of lower ids."""
    model = column.class_
    query: Any = (
        select(model.id, column).where(model.id < row_id).order_by(model.id.desc()).limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return now
    before_id: int = row[0]
    moment: datetime = known.get(before_id, row[1])
    return min(moment, now)


def _of_rows_before(model: type[Any], column: Any, *, now: datetime) -> list[dict[str, Any]]:
    """The times of the next rows to be put right, in the order of their ids."""
    known: dict[int, datetime] = {}
    query = select(model.id).where(is_ahead(column, now)).order_by(model.id).limit(_BATCH_ROWS)
    with read_transaction() as connection:
        for row_id in connection.execute(query).scalars().all():
            known[row_id] = time_before(connection, column, row_id, known, now=now)
    return [{"of": row_id, "came": moment} for row_id, moment in known.items()]


def _move_days(model: type[Any], column: Any, now: datetime) -> int:
    columns = model.__table__.columns
    key = list(model.__table__.primary_key.columns)
    figures = [each.name for each in columns if isinstance(each.type, Integer) and each not in key]
    some = select(*key).where(is_ahead(column, now)).order_by(*key).limit(_BATCH_ROWS)
    with write_transaction() as connection:
        gone = delete(model).where(tuple_(*key).in_(some)).returning(*columns)
        rows = [dict(row._mapping) for row in connection.execute(gone)]
        days = _days_before(connection, model, column, now)
        project = project_id_in(model).name
        for row in rows:
            row[column.name] = days.get(row[project], now.date())
        insert = insert_into(connection.dialect.name, model)
        added = {name: columns[name] + insert.excluded[name] for name in figures}
        add = insert.on_conflict_do_update(index_elements=key, set_=added)
        # In the order of the key, in which all who add to these rows take them.
        for row in sorted(rows, key=lambda row: tuple(row[each.name] for each in key)):
            connection.execute(add, row)
    return len(rows)


def _days_before(
    connection: Connection, model: type[Any], column: Any, now: datetime
) -> dict[int, date]:
    """The newest day that is right, by project."""
    project_id = project_id_in(model)
    query = select(project_id, func.max(column)).where(column <= now.date()).group_by(project_id)
    return {found: day for found, day in connection.execute(query)}
