"""Rows that are made in bulk are rows as the service writes them."""

import pytest
from sqlalchemy import func, select

from app.database import read_transaction
from app.domain.release_health import Window
from app.domain.times import utc_now
from app.models import Feedback, Session
from app.services.feedback import triage
from app.services.projects import senders
from app.services.releases import health as release_health
from app.services.sessions import ledger as session_ledger
from bench.population import RELEASES, Size, populate

SIZE = Size(
    projects=4,
    feedback=100,
    feedback_in_large=60,
    sessions=1000,
    sessions_in_large=600,
    users_in_large=50,
)

pytestmark = pytest.mark.usefixtures("context")


def count_of(model, project_id):
    with read_transaction() as connection:
        query = select(func.count()).select_from(model).where(model.project_id == project_id)
        return connection.execute(query).scalar_one()


def test_kept_figures_are_those_of_the_sessions():
    population = populate(SIZE, label="test")
    window = Window(today=utc_now().date(), days=90, environment=None)

    assert list(session_ledger.verify()) == []
    report = release_health.list_page(population.large_project_id, window, limit=100).rows
    assert len(report) == RELEASES
    assert sum(release.users_total for release in report) > 0


def test_large_project_has_exactly_as_much_as_was_asked_for():
    population = populate(SIZE, label="test")

    assert count_of(Feedback, population.large_project_id) == SIZE.feedback_in_large
    assert count_of(Session, population.large_project_id) == SIZE.sessions_in_large
    with read_transaction() as connection:
        all_feedback = connection.execute(select(func.count()).select_from(Feedback)).scalar_one()
    assert all_feedback == SIZE.feedback


def test_feedback_of_bulk_is_listed_with_its_times_and_tokens_find_their_projects():
    population = populate(SIZE, label="test")

    page = triage.list_page(population.large_project_id, limit=10)
    assert len(page.rows) == 10
    assert utc_now() >= page.rows[0].created_at > page.rows[-1].created_at
    first, *_, last = (senders.find(token).project_id for token in population.project_tokens)
    assert first == population.large_project_id != last
