"""Scrubs what is stored once more, after the rules got better.

Whatever is scrubbed when it comes is declared beside its table (app.models.duties). Scrubbing twice
changes nothing: so an interrupted run begins anew, and goes on where rows are still to be changed.
Rows are looked at without a lock; those that would change are read again, and changed in a short
transaction that has an entry in the project's audit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from app.database import read_transaction, truncate_log, write_transaction
from app.domain.audit_action import AuditAction
from app.domain.rescrubbing import scrubbed_again
from app.domain.search_text import search_text
from app.models import Feedback, FeedbackText, Project
from app.models.declared import all_models, duties_of
from app.services import audit
from app.services.feedback.fields import SEARCHED

# By the names of their tables.
Counts = Counter[str]

# The events of a batch may hold 128 KiB of text each.
_BATCH_ROWS = 100


def look() -> Counts:
    """How many rows the rules of today would change."""
    counts = Counts()
    for model in _scrubbed_models():
        for batch in _batches(model):
            counts[model.__tablename__] += sum(1 for row in batch if _changes(model, row))
    return +counts


def run(*, now: datetime) -> Iterator[Counts]:
    """Yields what each step changed."""
    for model in _scrubbed_models():
        for batch in _batches(model):
            ids: dict[int, list[int]] = defaultdict(list)
            for row in batch:
                if _changes(model, row):
                    ids[row.project_id].append(row.id)
            for project_id, of_project in ids.items():
                yield _step(model, project_id, of_project, now)
    truncate_log()


def _scrubbed_models() -> list[type[Any]]:
    return [model for model in all_models() if duties_of(model).scrubbed]


def _batches(model: type[Any]) -> Iterator[list[Row[Any]]]:
    last_id = 0
    while True:
        query = _rows(model).where(model.id > last_id).order_by(model.id).limit(_BATCH_ROWS)
        with read_transaction() as connection:
            rows = list(connection.execute(query))
        if not rows:
            return
        yield rows
        last_id = rows[-1].id


def _rows(model: type[Any]) -> Any:
    columns = (getattr(model, name) for name in duties_of(model).scrubbed)
    return select(model.id, model.project_id, *columns)


def _changes(model: type[Any], row: Row[Any]) -> dict[str, Any]:
    """The columns of the row that would change, and what they would hold."""
    changes = {}
    duties = duties_of(model)
    for name in duties.scrubbed:
        value = getattr(row, name)
        scrubbed = scrubbed_again(value, as_typed=duties.as_typed(name))
        if scrubbed != value:
            most = getattr(model.__table__.c[name].type, "length", None)
            changes[name] = scrubbed[:most] if most else scrubbed
    return changes


def _step(model: type[Any], project_id: int, ids: list[int], now: datetime) -> Counts:
    """As in an erasure, one such step at a time has the project to itself."""
    with write_transaction() as connection:
        turn = select(Project.id).where(Project.id == project_id).with_for_update(key_share=True)
        if connection.execute(turn).scalar() is None:
            return Counts()  # purged meanwhile, with all its rows
        query = _rows(model).where(model.id.in_(ids)).order_by(model.id).with_for_update()
        changed = Counts()
        for row in list(connection.execute(query)):
            if changes := _changes(model, row):
                connection.execute(update(model).where(model.id == row.id).values(changes))
                _FOLLOW_UP.get(model, _nothing_follows)(connection, row)
                changed[model.__tablename__] += 1
        if changed:
            deed = AuditAction.PROJECT_SCRUBBED
            audit.record(connection, project_id, deed, actor=None, now=now, **changed)
    return changed


def _fold_again(connection: Connection, row: Row[Any]) -> None:
    """What is searched follows what is shown."""
    columns = [getattr(Feedback, name) for name in SEARCHED]
    texts = connection.execute(select(*columns).where(Feedback.id == row.id)).one()
    connection.execute(
        update(FeedbackText)
        .where(FeedbackText.project_id == row.project_id, FeedbackText.feedback_id == row.id)
        .values(folded=search_text(texts))
    )


def _nothing_follows(_: Connection, __: Row[Any]) -> None:
    pass


_FOLLOW_UP = {Feedback: _fold_again}
