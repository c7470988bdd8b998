"""Projects as their members see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.database import read_transaction
from app.models import Event, Project, ProjectMember
from app.models.columns import columns_of
from app.models.projects import IS_ALIVE
from app.services.errors import NotFound
from app.services.projects import tokens as project_tokens

EVENTS_COUNTED_FOR = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class ProjectSummary:
    """In the order of the wire contract, and what it does not name."""

    id: int
    name: str
    platform: str | None
    bundle_id: str | None
    token_preview: str
    events_count_30d: int
    created_at: datetime
    sentry_key: str
    bundle_pinning: bool
    sessions_good_from: float
    sessions_warning_from: float
    sessions_minimum: int
    users_good_from: float
    users_warning_from: float
    users_minimum: int


def read(project_id: int, *, now: datetime) -> ProjectSummary:
    """Raises NotFound."""
    with read_transaction() as connection:
        row = connection.execute(_summaries(now).where(Project.id == project_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such project.")
    return ProjectSummary(**row._asdict())


def list_of_account(account_id: int, *, now: datetime) -> list[ProjectSummary]:
    """What an account owns or is a member of, oldest first."""
    query = _summaries(now).where(is_of_account(account_id)).order_by(Project.id)
    with read_transaction() as connection:
        return [ProjectSummary(**row._asdict()) for row in connection.execute(query)]


def is_of_account(account_id: int) -> ColumnElement[bool]:
    """Whether it owns the project, or is a member of it."""
    joined = select(ProjectMember.project_id).where(ProjectMember.account_id == account_id)
    return or_(Project.owner_id == account_id, Project.id.in_(joined))


def _summaries(now: datetime) -> Select[*tuple[Any, ...]]:
    # Counted in an index; no event is read.
    events = (
        select(func.count())
        .where(Event.project_id == Project.id, Event.created_at > now - EVENTS_COUNTED_FOR)
        .scalar_subquery()
    )
    return select(
        *columns_of(ProjectSummary, Project, apart_from=["token_preview", "events_count_30d"]),
        project_tokens.NEWEST_PREVIEW.label("token_preview"),
        events.label("events_count_30d"),
    ).where(IS_ALIVE)
