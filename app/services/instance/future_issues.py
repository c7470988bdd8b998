"""Puts issues of the future right: one was seen when its events came, which are right by now."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, update

from app.database import write_transaction
from app.models import Event, Issue
from app.models.events import shown_with
from app.services.instance.future_rows import is_ahead


def repair(*, now: datetime) -> Iterator[str]:
    """Without any event that is left, it was seen now."""
    values: dict[Any, Any] = {}
    for last, first, ids in (
        # With what is merged into it, where it is the one that shows it.
        (Issue.last_seen_at, Issue.first_seen_at, shown_with(Issue.id)),
        (Issue.own_last_seen_at, Issue.own_first_seen_at, [Issue.id]),
    ):
        for column, of in ((last, func.max), (first, func.min)):
            seen = select(of(Event.created_at)).where(Event.issue_id.in_(ids)).correlate(Issue)
            right = func.coalesce(seen.scalar_subquery(), now)
            values[column] = case((is_ahead(column, now), right), else_=column)
    with write_transaction() as connection:
        change = update(Issue).where(or_(*(is_ahead(column, now) for column in values)))
        moved = connection.execute(change.values(values)).rowcount
    if moved:
        yield f"{moved} issues put right"
