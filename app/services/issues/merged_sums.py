"""Compares what issues count with what is merged into them, with the sum of its parts.

What an issue counts of its own nothing can check: its events go by age before it does.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from app.database import read_transaction, snapshot
from app.models import Issue, Project
from app.models.projects import IS_ALIVE

_ROWS_AT_ONCE = 500


def verify() -> Iterator[str]:
    """One line for each figure that differs; no line when all add up."""
    with snapshot(), read_transaction() as connection:
        for query in (_sums(), _places()):
            rows = connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
            for row in rows.mappings():
                names = [name for name in row if name in Issue.__table__.columns and name != "id"]
                for name in names:
                    if row[name] != (expected := _expected(name, row)):
                        yield f"issue {row['id']}, {name}: kept {row[name]}, recomputed {expected}"


def _expected(name: str, row: Any) -> Any:
    if name == "shown_in_id":
        return row["place"]
    own, below = row[f"of_own_{name}"], row[f"below_{name}"]
    if own is None:  # it is to have one as long as something is merged into it
        return None
    if below is None:
        return own
    if name == "events_count":
        return own + int(below)
    return min(own, below) if name == "first_seen_at" else max(own, below)


def _sums() -> Select[*tuple[Any, ...]]:
    merged = aliased(Issue)
    below = (
        select(
            merged.merged_into_id.label("into"),
            func.sum(merged.events_count).label("events_count"),
            func.min(merged.first_seen_at).label("first_seen_at"),
            func.max(merged.last_seen_at).label("last_seen_at"),
        )
        .where(merged.merged_into_id.is_not(None))
        .group_by(merged.merged_into_id)
        .subquery()
    )
    figures = ("events_count", "first_seen_at", "last_seen_at")
    return (
        select(
            Issue.id,
            *(getattr(Issue, name) for name in figures),
            *(getattr(Issue, f"own_{name}").label(f"of_own_{name}") for name in figures),
            *(below.c[name].label(f"below_{name}") for name in figures),
        )
        .join(Project, Project.id == Issue.project_id)
        .outerjoin(below, below.c.into == Issue.id)
        .where(IS_ALIVE, or_(below.c.into.is_not(None), Issue.own_events_count.is_not(None)))
        .order_by(Issue.id)
    )


def _places() -> Select[*tuple[Any, ...]]:
    """Where a merged issue is shown is where what it is merged into is shown."""
    into = aliased(Issue)
    return (
        select(Issue.id, Issue.shown_in_id, func.coalesce(into.shown_in_id, into.id).label("place"))
        .join(Project, Project.id == Issue.project_id)
        .outerjoin(into, into.id == Issue.merged_into_id)
        .where(IS_ALIVE, or_(Issue.merged_into_id.is_not(None), Issue.shown_in_id.is_not(None)))
        .order_by(Issue.id)
    )
