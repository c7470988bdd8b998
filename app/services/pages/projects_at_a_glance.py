"""The list of projects, each with what somebody wants to know of it before they open it.

All of one moment, and with so many statements in all, however many projects are shown. What a
newcomer would get wrong: what could be any number, such as open feedback, is counted no further
than `MOST_COUNTED`; a list is no place to count a hundred thousand rows a project.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, ScalarSelect, case, func, literal, select

from app.database import read_transaction, snapshot
from app.domain.feedback_status import FeedbackStatus
from app.domain.losses import LossKind
from app.domain.rates import DEFAULT_THRESHOLDS, Thresholds
from app.domain.release_health import Window
from app.domain.times import AHEAD_AT_MOST
from app.models import Feedback, Loss, NewNames, Project
from app.models.projects import IS_ALIVE
from app.services.pages.project_summaries import is_of_account
from app.services.projects import thresholds
from app.services.releases import newest
from app.services.releases.newest import ProjectReleases

MOST_COUNTED = 1000
# What is called new, or lost lately.
LATELY_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class ProjectGlance:
    """`open_feedback` past `MOST_COUNTED` is one more."""

    id: int
    name: str
    platform: str | None
    open_feedback: int
    new_issues: int
    losses: int
    judged_by: Thresholds
    releases: ProjectReleases


@dataclass(frozen=True)
class GlancePage:
    """Oldest project first; `next_after` is where the next page begins, None after the last."""

    projects: list[ProjectGlance]
    next_after: int | None


def list_page(account_id: int, *, now: datetime, limit: int, after: int = 0) -> GlancePage:
    """Of what an account owns or is a member of."""
    query = (
        select(Project.id, Project.name, Project.platform, _open_feedback().label("open_feedback"))
        .where(is_of_account(account_id), IS_ALIVE, Project.id > after)
        .order_by(Project.id)
        .limit(limit + 1)
    )
    with snapshot(), read_transaction() as connection:
        found = connection.execute(query).all()
        ids = [row.id for row in found[:limit]]
        new_issues = _summed(connection, NewNames.issues, NewNames, ids, now.date())
        # Of attachments, bytes are counted: no sum with the others means anything.
        items = case((Loss.kind == LossKind.ATTACHMENT, 0), else_=Loss.quantity)
        losses = _summed(connection, items, Loss, ids, now.date())
        known = thresholds.read_many(connection, ids)
        judged_by = {each: known.get(each, DEFAULT_THRESHOLDS) for each in ids}
        releases = newest.of_projects(connection, judged_by, Window(today=now.date()))
    projects = [
        ProjectGlance(
            **row._asdict(),
            new_issues=new_issues.get(row.id, 0),
            losses=losses.get(row.id, 0),
            judged_by=judged_by[row.id],
            releases=releases[row.id],
        )
        for row in found[:limit]
    ]
    return GlancePage(projects, ids[-1] if len(found) > limit else None)


def _open_feedback() -> ScalarSelect[int]:
    """From an index, and no further than it is counted."""
    some = (
        select(literal(1))
        .where(Feedback.project_id == Project.id, Feedback.status == FeedbackStatus.OPEN)
        .limit(MOST_COUNTED + 1)
        .correlate(Project)
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


def _summed(
    connection: Connection, column: Any, table: Any, project_ids: Sequence[int], today: date
) -> dict[int, int]:
    """What a table counts by project and day, of the last days; a host's clock may be ahead."""
    first_day = today - timedelta(days=LATELY_DAYS - 1)
    query = (
        select(table.project_id, func.sum(column))
        .where(
            table.project_id.in_(project_ids), table.day.between(first_day, today + AHEAD_AT_MOST)
        )
        .group_by(table.project_id)
    )
    return {project_id: int(count) for project_id, count in connection.execute(query)}
