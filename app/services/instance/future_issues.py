"""Puts issues of the future right: one was seen when its events came, which are right by now."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import case, func, or_, select, update

from app.database import write_transaction
from app.models import Event, Issue
from app.services.instance.future_rows import is_ahead


def repair(*, now: datetime) -> Iterator[str]:
    """Without any event that is left, it was seen now."""
    of_issue = Event.issue_id == Issue.id
    last, first = (
        func.coalesce(select(of(Event.created_at)).where(of_issue).scalar_subquery(), now)
        for of in (func.max, func.min)
    )
    last_is_ahead = is_ahead(Issue.last_seen_at, now)
    first_is_ahead = is_ahead(Issue.first_seen_at, now)
    values = {
        "last_seen_at": case((last_is_ahead, last), else_=Issue.last_seen_at),
        "first_seen_at": case((first_is_ahead, first), else_=Issue.first_seen_at),
    }
    with write_transaction() as connection:
        change = update(Issue).where(or_(last_is_ahead, first_is_ahead)).values(values)
        moved = connection.execute(change).rowcount
    if moved:
        yield f"{moved} issues put right"
