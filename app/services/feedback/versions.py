"""Which app versions feedback came with, the one that was told last first.

Any number of them may be sent, so none of this reads all feedback: where there are few, it hops
from one to the next in an index; where there are many, it walks back from the newest feedback, and
a page begins where the one before stopped.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, select

from app.database import read_transaction
from app.domain.search_text import folded
from app.models import Feedback

# Found by hops, 20 microseconds each.
_FEW_VERSIONS = 100
# Of feedback, on the way back: a few milliseconds.
_WALKED_ROWS = 1000


@dataclass(frozen=True)
class VersionPage:
    """`next_before` is where the next page begins, None after the last: a page may be empty and
    have a next one."""

    versions: list[str]
    next_before: int | None


def list_page(
    project_id: int, *, limit: int, before: int | None = None, words: str | None = None
) -> VersionPage:
    """Those whose newest feedback has an id below `before`; of these, those that hold the words."""
    with read_transaction() as connection:
        newest = _by_hops(connection, project_id)
        if newest is None:
            newest, walked_to = _by_walking(connection, project_id, before)
        else:
            walked_to = None
    found = [
        (row_id, version)
        for row_id, version in newest
        if (before is None or row_id < before) and (not words or folded(words) in folded(version))
    ]
    if len(found) > limit:
        walked_to = found[limit - 1][0]
    return VersionPage([version for _, version in found[:limit]], walked_to)


def _by_hops(connection: Connection, project_id: int) -> list[tuple[int, str]] | None:
    """All, each with its newest feedback, the newest first; None where there are many."""
    of_project = Feedback.project_id == project_id
    last = select(func.max(Feedback.app_version).label("version")).where(of_project)
    hops = last.cte("hops", recursive=True)
    one_before = (
        select(func.max(Feedback.app_version))
        .where(of_project, Feedback.app_version < hops.c.version)
        .scalar_subquery()
    )
    hops = hops.union_all(select(one_before).where(hops.c.version.is_not(None)))
    some = (
        select(hops.c.version)
        .where(hops.c.version.is_not(None))
        .limit(_FEW_VERSIONS + 1)
        .subquery()
    )
    found = select(some.c.version, _newest_of(project_id, some.c.version))
    rows = [(row_id, version) for version, row_id in connection.execute(found)]
    return None if len(rows) > _FEW_VERSIONS else sorted(rows, reverse=True)


def _by_walking(
    connection: Connection, project_id: int, before: int | None
) -> tuple[list[tuple[int, str]], int | None]:
    """Those whose newest feedback is among the next so many, and where it stopped."""
    walked = select(Feedback.id, Feedback.app_version).where(Feedback.project_id == project_id)
    if before is not None:
        walked = walked.where(Feedback.id < before)
    some = walked.order_by(Feedback.id.desc()).limit(_WALKED_ROWS).subquery()
    told = (
        select(some.c.app_version, func.max(some.c.id).label("id"))
        .where(some.c.app_version.is_not(None))
        .group_by(some.c.app_version)
        .subquery()
    )
    last = select(func.count(), func.min(some.c.id))
    count, lowest = connection.execute(last).one()
    is_newest = _newest_of(project_id, told.c.app_version) == told.c.id
    found = select(told.c.id, told.c.app_version).where(is_newest).order_by(told.c.id.desc())
    rows = [(row_id, version) for row_id, version in connection.execute(found)]
    return rows, lowest if count == _WALKED_ROWS else None


def _newest_of(project_id: int, version: ColumnElement[str | None]) -> ScalarSelect[int | None]:
    """The id of the newest feedback of a version, which the end of an index's range tells."""
    return (
        select(func.max(Feedback.id))
        .where(Feedback.project_id == project_id, Feedback.app_version == version)
        .scalar_subquery()
    )
