"""POST /sessions as an SDK does, and what is stored of it."""

import pytest
from sqlalchemy import select

from app.database import read_transaction
from app.models import Release, Session

SESSION_ID = "123e4567-e89b-12d3-a456-426614174000"


@pytest.fixture
def post_session(client, project):
    """Posts the fields; a field of `...` is left out."""

    def post(*, token=project.token, path="/sessions", **fields):
        body = {"session_id": SESSION_ID, "status": "ok", **fields}
        return client.post(
            path,
            json={name: value for name, value in body.items() if value is not ...},
            headers={"X-Pionne-Token": token},
        )

    return post


@pytest.fixture
def stored_sessions(app):
    """All sessions, oldest first, with the release and environment they are counted under."""

    def read():
        columns = (*Session.__table__.columns, Release.name.label("release"), Release.environment)
        with app.app_context(), read_transaction() as connection:
            return connection.execute(select(*columns).join(Release).order_by(Session.id)).all()

    return read
