"""Whether a project has heard anything yet, by kind; for whoever sets it up and waits."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select

from app.database import read_transaction
from app.models import Feedback, Issue, Release, Session, SessionSum


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    feedback: bool
    session: bool
    crash: bool


def of_project(project_id: int) -> Arrivals:
    """Archived and resolved ones count; what was deleted does not."""
    query = select(
        _is_there_one(Feedback, project_id).label("feedback"),
        (_is_there_one(Session, project_id) | _is_there_a_sum(project_id)).label("session"),
        _is_there_one(Issue, project_id).label("crash"),
    )
    with read_transaction() as connection:
        return Arrivals(**connection.execute(query).one()._asdict())


def _is_there_one(
    model: type[Feedback] | type[Session] | type[Issue], project_id: int
) -> ColumnElement[bool]:
    return exists(select(model.id).where(model.project_id == project_id))


def _is_there_a_sum(project_id: int) -> ColumnElement[bool]:
    """Servers tell how many sessions there were, and no session."""
    of_releases = select(SessionSum.release_id).join(Release, Release.id == SessionSum.release_id)
    return exists(of_releases.where(Release.project_id == project_id))
