"""Sessions past the HTTP side."""

import uuid

import pytest

from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.services import sessions


@pytest.fixture
def record(app, project, clock):
    """Reports another session at the clock's time."""
    count = 0

    def report(status="ok", *, project_id=project.id, user=None, **fields):
        nonlocal count
        count += 1
        wanted = {"release": "1.0", "environment": "production", **fields}
        session = SessionReport(
            session_id=uuid.UUID(int=count).bytes,
            status=SessionStatus(status),
            user_key=None if user is None else user_key(user),
            **wanted,
        )
        with app.app_context():
            sessions.record(project_id, session, now=clock())

    return report
