"""What it costs an upsert to keep the figures of release health: with them, and without."""

import dataclasses
import random
import time
import uuid
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from app.domain import session_moves
from app.domain.session_moves import Moves, SessionReport
from app.domain.session_status import SessionStatus
from app.domain.times import utc_now
from app.domain.user_key import user_key
from app.services import sessions
from app.services.sessions import reports
from bench.population import ENVIRONMENT, RELEASES
from bench.scale.town import Town

_SESSIONS = 10


def cpu_seconds_of_report(town: Town, *, with_figures: bool) -> float:
    """Of this process, the mean of opening a session of a known user and of ending it."""
    with town.app.app_context():
        started = time.process_time()
        if with_figures:
            _report(town)
        else:
            with _figures_left_alone():
                _report(town)
        return (time.process_time() - started) / (2 * _SESSIONS)


def _report(town: Town) -> None:
    for _ in range(_SESSIONS):
        opened = SessionReport(
            session_id=uuid.uuid4().bytes,
            status=SessionStatus.OK,
            release=f"1.{random.randrange(RELEASES)}.0",
            environment=ENVIRONMENT,
            user_key=user_key(str(random.randrange(town.size.users_in_large))),
        )
        ended = SessionReport(**{**vars(opened), "status": SessionStatus.EXITED})
        for report in (opened, ended):
            sessions.record(town.population.large_project_id, report, now=utc_now())


def _figures_left_alone() -> AbstractContextManager[object]:
    """The same upsert, storing the session alone (its release id is still needed)."""

    def moves_of_session_alone(*args: Any, **kwargs: Any) -> Moves | None:
        moves = session_moves.moves_of(*args, **kwargs)
        return moves and dataclasses.replace(moves, users=(), figures={})

    return mock.patch.object(reports, "moves_of", moves_of_session_alone)
