"""Whether a project has heard anything yet, by kind; for whoever sets it up and waits."""

from dataclasses import dataclass

from sqlalchemy import exists, select

from app.database import read_transaction
from app.models import Feedback, Issue, Session


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    feedback: bool
    session: bool
    crash: bool


def of_project(project_id: int) -> Arrivals:
    """Archived and resolved ones count; what was deleted does not."""
    query = select(
        exists().where(Feedback.project_id == project_id).label("feedback"),
        exists().where(Session.project_id == project_id).label("session"),
        exists().where(Issue.project_id == project_id).label("crash"),
    )
    with read_transaction() as connection:
        return Arrivals(**connection.execute(query).one()._asdict())
