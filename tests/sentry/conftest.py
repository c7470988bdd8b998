"""Hypothesis without its deadline: no test here depends on how fast the machine is."""

import pytest
from hypothesis import settings
from sqlalchemy import select

from app.database import read_transaction
from app.models import Project
from tests.sentry.live import LiveService
from tests.sentry.vectors import Place

settings.register_profile("sentry", settings(), deadline=None)
settings.load_profile("sentry")


@pytest.fixture
def service(app, database, clock, project, make_project):
    """The app, with a project and another one; it takes what SDKs send."""
    other = make_project("Other")
    with app.app_context(), read_transaction() as connection:
        keys = dict(connection.execute(select(Project.id, Project.sentry_key)).all())
    place = Place(
        now=clock(),
        project=project.id,
        key=keys[project.id],
        token=project.token,
        other_project=other.id,
        other_key=keys[other.id],
        seed="live",
    )
    return LiveService(app, database, place)
