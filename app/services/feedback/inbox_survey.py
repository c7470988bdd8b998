"""How much of a narrowed inbox is in each tab, and which rows a page of one shows, in one walk.

The newest matches are looked at one by one, and those further back only counted. So a word that
nobody wrote is looked for once and not twice, and one that everybody wrote costs no list of all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from app.domain.feedback_status import FeedbackStatus
from app.models import Feedback
from app.services.feedback.search import FoundFeedback

# Few enough to be read in a millisecond or two; enough that most pages are among them.
_SEEN_ROWS = 1000


@dataclass(frozen=True)
class Survey:
    """`counts` has every status; `ids` are the page's, newest first."""

    counts: dict[FeedbackStatus, int]
    ids: list[int]


def survey(
    connection: Connection,
    found: FoundFeedback,
    *,
    status: FeedbackStatus | None,
    before: int | None,
    limit: int,
) -> Survey:
    """At most `limit` ids below `before` of a status, or of any; the counts are of all found."""
    newest = (
        select(found.id, Feedback.status)
        .select_from(Feedback)
        .where(*found.conditions)
        .order_by(found.id.desc())
        .limit(_SEEN_ROWS)
    )
    seen = [(row_id, FeedbackStatus(of_row)) for row_id, of_row in connection.execute(newest)]
    counts = {each: sum(of_row == each for _, of_row in seen) for each in FeedbackStatus}
    ids = [
        row_id
        for row_id, of_row in seen
        if status in (None, of_row) and (before is None or row_id < before)
    ][:limit]
    if len(seen) == _SEEN_ROWS:
        lowest = seen[-1][0]
        further = _count(connection, [*found.conditions, found.id < lowest])
        counts = {each: counts[each] + further[each] for each in FeedbackStatus}
        is_more = any(further[each] for each in FeedbackStatus if status in (None, each))
        if is_more and len(ids) < limit:
            below = lowest if before is None else min(lowest, before)
            ids += _ids(connection, found, status=status, below=below, limit=limit - len(ids))
    return Survey(counts, ids)


def _count(
    connection: Connection, conditions: Sequence[ColumnElement[bool]]
) -> dict[FeedbackStatus, int]:
    # Not grouped: SQLite would walk in the order of the groups, all through the table, or sort.
    counts = [func.count().filter(Feedback.status == status) for status in FeedbackStatus]
    query = select(*counts).select_from(Feedback).where(*conditions)
    return dict(zip(FeedbackStatus, connection.execute(query).one(), strict=True))


def _ids(
    connection: Connection,
    found: FoundFeedback,
    *,
    status: FeedbackStatus | None,
    below: int,
    limit: int,
) -> Sequence[int]:
    query = select(found.id).select_from(Feedback).where(*found.conditions, found.id < below)
    if status is not None:
        query = query.where(Feedback.status == status)
    return connection.execute(query.order_by(found.id.desc()).limit(limit)).scalars().all()
