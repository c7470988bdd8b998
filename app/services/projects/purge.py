"""Takes the rows of deleted projects away, children first, in short transactions.

A plain DELETE of the project would cascade: one transaction that holds SQLite's write lock, or a
million row locks, for as long as it takes. Each batch here is complete in itself, so interrupting
it harms nothing, and several processes may be at it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, inspect, select, tuple_

from app.database import read_transaction, write_transaction
from app.models import Project
from app.models.declared import children_first, duties_of, of_project
from app.models.projects import IS_ALIVE

# A batch holds SQLite's write lock for some tens of milliseconds.
_BATCH_ROWS = 1000


@dataclass(frozen=True)
class _Rows:
    """What a project has in one table."""

    model: type[Any]
    of_project: ColumnElement[bool]


def due() -> int:
    """How many rows wait, the projects' own among them."""
    with read_transaction() as connection:
        return sum(
            1 + sum(_count(connection, rows) for rows in _rows_of(project_id))
            for project_id in _deleted_projects(connection)
        )


def run() -> Iterator[int]:
    """Purge every deleted project; yields how many rows went with each batch."""
    with read_transaction() as connection:
        project_ids = _deleted_projects(connection)
    for project_id in project_ids:
        for rows in _rows_of(project_id):
            yield from _drain(project_id, rows)
        # Takes along what a request wrote that had been let in before the project was deleted.
        with write_transaction() as connection:
            purged = connection.execute(delete(Project).where(Project.id == project_id)).rowcount
        yield purged


def _deleted_projects(connection: Connection) -> list[int]:
    query = select(Project.id).where(~IS_ALIVE).order_by(Project.id)
    return list(connection.execute(query).scalars())


def _rows_of(project_id: int) -> Iterator[_Rows]:
    """Children before what they point to, so that no row of a batch drags others along."""
    for model in children_first():
        if model is not Project and duties_of(model).project_by is not None:
            yield _Rows(model, of_project(model, project_id))


def _drain(project_id: int, rows: _Rows) -> Iterator[int]:
    # One batch at a time for each project, whoever purges it: two that meet on the same rows would
    # deadlock on PostgreSQL, and each would take the other's batch for the last one. The lock lets
    # requests through that still write.
    turn = select(Project.id).where(Project.id == project_id).with_for_update(key_share=True)
    columns = inspect(rows.model).primary_key
    batch = select(*columns).where(rows.of_project).limit(_BATCH_ROWS)
    statement = delete(rows.model).where(tuple_(*columns).in_(batch))
    purged = _BATCH_ROWS
    while purged == _BATCH_ROWS:
        with write_transaction() as connection:
            connection.execute(turn)
            purged = connection.execute(statement).rowcount
        yield purged


def _count(connection: Connection, rows: _Rows) -> int:
    query = select(func.count()).select_from(rows.model).where(rows.of_project)
    return connection.execute(query).scalar_one()
