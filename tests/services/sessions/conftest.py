"""Sessions in the Sentry dialect."""

import uuid

import pytest

from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.services import sessions


@pytest.fixture
def raise_(context, project, clock):
    """Reports a session in the Sentry dialect at the clock's time."""

    def report(status="ok", *, number=1, project_id=project.id, user=None, started=None, **fields):
        wanted = {
            "release": "1.0",
            "environment": "production",
            "has_ended": status != "ok",
            **fields,
        }
        session = SessionReport(
            session_id=uuid.UUID(int=number).bytes,
            status=SessionStatus(status),
            user_key=None if user is None else user_key(user),
            rises=True,
            **wanted,
        )
        sessions.record(project_id, session, now=clock(), started_at=started)

    return report
