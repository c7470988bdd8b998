"""Finds rows that were stored while a clock was ahead; app.services.instance.future_repair mends.

A row is one of the future when its time is more than a day ahead: hosts disagree by seconds. Which
columns have a time, and which of these are to be looked at, each table declares (`times` of
app.models.duties).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, Index, Select, exists, func, or_, select

from app.database import read_transaction
from app.domain.times import AHEAD_AT_MOST, latest_day
from app.models import Project, ReleaseDay
from app.models.declared import children_first, duties_of, project_id_in
from app.models.duties import StaysAhead, WhenAhead
from app.models.projects import IS_ALIVE
from app.models.sessions import ALL_ENVIRONMENTS, IS_NEWEST_DAY


@dataclass(frozen=True)
class FutureRows:
    """How many rows of a table are ahead of the clock, and how far the last one is."""

    what: str
    count: int
    last: date

    def __str__(self) -> str:
        return f"{self.count} {self.what} of the future, up to {self.last:%Y-%m-%d}"


def words_for(model: type[Any]) -> str:
    return str(model.__tablename__).replace("_", " ")


def is_ahead(column: Any, now: datetime) -> ColumnElement[bool]:
    latest = latest_day(now) if isinstance(column.type, Date) else now + AHEAD_AT_MOST
    found: ColumnElement[bool] = column > latest
    return found


def is_any_ahead(model: type[Any], now: datetime) -> ColumnElement[bool]:
    """A session is of the future also where it came since, and took its user's day."""
    return or_(*(is_ahead(column, now) for column in looked_at(model)))


def looked_at(model: type[Any]) -> list[Any]:
    """The columns whose times are put right; raises Undeclared."""
    times = duties_of(model).times
    return [
        getattr(model, name) for name, duty in times.items() if not isinstance(duty, StaysAhead)
    ]


def are_some(connection: Connection, *, now: datetime) -> bool:
    """As far as one step in an index tells: for each project, or of the newest row of a table.

    For what is asked every few seconds; `find` looks everywhere.
    """
    return any(connection.execute(look.limit(1)).first() for look in _quick_looks(now))


def find_in_database(*, now: datetime) -> list[FutureRows]:
    with read_transaction() as connection:
        return find(connection, now=now)


def find(connection: Connection, *, now: datetime) -> list[FutureRows]:
    """Reads all of a table where no index tells."""
    return [
        _counted(connection, model, now)
        for model in reversed(children_first())
        if any(_has_some(connection, model, column, now) for column in looked_at(model))
    ]


def _counted(connection: Connection, model: type[Any], now: datetime) -> FutureRows:
    columns = looked_at(model)
    last = (func.max(column).filter(is_ahead(column, now)) for column in columns)
    query = select(func.count(), *last).where(is_any_ahead(model, now))
    count, *found = connection.execute(query).one()
    days = [each.date() if isinstance(each, datetime) else each for each in found if each]
    return FutureRows(words_for(model), count, max(days))


def _has_some(connection: Connection, model: type[Any], column: Any, now: datetime) -> bool:
    look = _look_of_each_project(model, column, now)
    if look is None:
        look = select(column).where(is_ahead(column, now))
    return connection.execute(look.limit(1)).first() is not None


def _quick_looks(now: datetime) -> Iterator[Select[Any]]:
    # Of sessions: the newest days of releases.
    newest_days = (
        (ReleaseDay.project_id == Project.id)
        & (ReleaseDay.environment == ALL_ENVIRONMENTS)
        & is_ahead(ReleaseDay.day, now)
        & IS_NEWEST_DAY
    )
    yield _of_each_project(ReleaseDay, newest_days)
    for model in children_first():
        for column in looked_at(model):
            look = _look_of_each_project(model, column, now)
            if look is not None:
                yield look
            elif duties_of(model).times[column.name] is WhenAhead.AS_ROW_BEFORE:
                newest = select(column).order_by(model.id.desc()).limit(1).subquery()
                yield select(newest.c[0]).where(is_ahead(newest.c[0], now))


def _look_of_each_project(model: type[Any], column: Any, now: datetime) -> Select[Any] | None:
    """One step in an index for each project; None where none begins with project and time."""
    project_id = project_id_in(model)
    if project_id is None:
        return None
    table = model.__table__
    wanted = [project_id.name, column.name]
    for indexed in (table.primary_key, *table.indexes):
        if [each.name for each in list(indexed.columns)[:2]] == wanted:
            # A partial one is used where the query repeats its words. Its other rows follow from
            # those in it: what is merged was not seen after the issue that shows it.
            options = indexed.dialect_options["sqlite"] if isinstance(indexed, Index) else {}
            is_in_index = options.get("where")
            condition = (project_id == Project.id) & is_ahead(column, now)
            return _of_each_project(
                model, condition if is_in_index is None else condition & is_in_index
            )
    return None


def _of_each_project(model: type[Any], condition: ColumnElement[bool]) -> Select[Any]:
    found = exists(select(*model.__table__.primary_key).where(condition).correlate(Project))
    return select(Project.id).where(IS_ALIVE, found)
