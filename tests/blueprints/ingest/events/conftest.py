"""POST /ingest as an SDK does, and what is stored of it."""

import pytest
from sqlalchemy import select

from app.database import read_transaction
from app.models import Event


@pytest.fixture
def post_event(client, project):
    """Posts the fields; a field of `...` is left out."""

    def post(*, token=project.token, path="/ingest", **fields):
        body = {"exception_type": "TypeError", **fields}
        return client.post(
            path,
            json={name: value for name, value in body.items() if value is not ...},
            headers={"X-Pionne-Token": token},
        )

    return post


@pytest.fixture
def post_body(client, project):
    """Posts these bytes."""

    def post(body):
        return client.post("/ingest", data=body, headers={"X-Pionne-Token": project.token})

    return post


@pytest.fixture
def stored_events(app):
    """All events, oldest first."""

    def read():
        with app.app_context(), read_transaction() as connection:
            return connection.execute(select(*Event.__table__.columns).order_by(Event.id)).all()

    return read


@pytest.fixture
def stored(post_event, stored_events):
    """What is stored of an event with these fields: its row, or one part of its content."""

    def post_and_read(part=None, **fields):
        response = post_event(**fields)
        assert response.status_code == 202, response.get_json()
        row = stored_events()[-1]
        return row if part is None else row.content[part]

    return post_and_read
