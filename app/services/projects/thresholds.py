"""What a project judges its releases by: lines of crash-free rates, and the fewest it takes.

The columns stand in `projects`; `projects.change` sets them, one by one or all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from app.database import read_transaction
from app.domain.rates import DEFAULT_THRESHOLDS, Lines, Thresholds
from app.models import Project
from app.services.errors import Invalid

UNITS = ("sessions", "users")
PARTS = ("good_from", "warning_from", "minimum")
MINIMUM_HIGHEST = 1_000_000_000
COLUMNS = tuple(f"{unit}_{part}" for unit in UNITS for part in PARTS)


def of_project(project_id: int) -> Thresholds:
    with read_transaction() as connection:
        return read(connection, project_id)


def read(connection: Connection, project_id: int) -> Thresholds:
    """The usual ones of a project that is gone."""
    return read_many(connection, [project_id]).get(project_id, DEFAULT_THRESHOLDS)


def read_many(connection: Connection, project_ids: Sequence[int]) -> dict[int, Thresholds]:
    """By project; those that are gone are left out."""
    columns = [getattr(Project, name) for name in COLUMNS]
    query = select(Project.id, *columns).where(Project.id.in_(project_ids))
    return {row.id: of_row(row._mapping) for row in connection.execute(query)}


def of_row(values: Mapping[Any, Any]) -> Thresholds:
    sessions, users = (Lines(*(values[f"{unit}_{part}"] for part in PARTS)) for unit in UNITS)
    return Thresholds(sessions, users)


def check(values: Mapping[str, Any]) -> None:
    """Of all columns as they are to be; raises Invalid where a fair rate is above a good one."""
    for unit in UNITS:
        good_from, warning_from, _ = (f"{unit}_{part}" for part in PARTS)
        if values[warning_from] > values[good_from]:
            raise Invalid(
                warning_from, f"The {unit} rate that is fair must be at most the one that is good."
            )
