"""Looks whether each crash is listed once: for `pionne-feedback sessions verify`.

Nothing is kept of what is tied, so there is no figure to compare; but a crash that no day lists, or
that two list, would be one that nobody finds, or counts twice.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select, union

from app.database import read_transaction, snapshot
from app.domain.releases import UNKNOWN_RELEASE
from app.models import Event, Project, Release, Session
from app.models.events import IS_FATAL_NOW, WAS_FATAL
from app.models.projects import IS_ALIVE
from app.models.sessions import ALL_ENVIRONMENTS, IS_CRASHED
from app.services.releases.crash_rows import CrashesOf, names_of, oldest_from
from app.services.releases.crashes import begin_of, reconciled

_DAY = timedelta(days=1)


def verify() -> Iterator[str]:
    """One line for each release whose crashes are not all listed once; no line when all are."""
    with snapshot(), read_transaction() as connection:
        for of in _releases_with_crashes(connection):
            yield from _verify(connection, of)


def _releases_with_crashes(connection: Connection) -> list[CrashesOf]:
    of_sessions = (
        select(Release.project_id, Release.name.label("release"))
        .join(Project, Project.id == Release.project_id)
        .where(IS_ALIVE, Release.environment != ALL_ENVIRONMENTS)
        .where(select(Session.id).where(Session.release_id == Release.id, IS_CRASHED).exists())
    )
    of_events = [
        select(Event.project_id, func.coalesce(Event.release, UNKNOWN_RELEASE))
        .join(Project, Project.id == Event.project_id)
        .where(IS_ALIVE, is_fatal)
        for is_fatal in (IS_FATAL_NOW, WAS_FATAL)
    ]
    rows = connection.execute(union(of_sessions, *of_events)).all()
    return sorted((CrashesOf(project_id, release) for project_id, release in rows), key=astuple)


def _verify(connection: Connection, of: CrashesOf) -> Iterator[str]:
    listed: Counter[str] = Counter()
    before: set[tuple[str, int]] = set()
    twice: set[tuple[str, int]] = set()
    moment: datetime | None = oldest_from(connection, of, datetime.min.replace(tzinfo=UTC))
    while moment is not None:
        ties, until = reconciled(connection, of, moment.date())
        if until is not None:
            return  # more than are tied: not all are listed
        told = [("session", tie.session.id) for tie in ties if tie.session]
        told += [("event", tie.event.id) for tie in ties if tie.event]
        # What is tied over midnight is of two days at most.
        twice |= {each for each, count in Counter(told).items() if count > 1 or each in before}
        listed.update(kind for kind, _ in told)
        before = set(told)
        moment = oldest_from(connection, of, begin_of(moment.date()) + _DAY)
    for kind, row_id in sorted(twice):
        yield f"project {of.project_id}, release {of.release}: {kind} {row_id} is listed twice"
    for kind, kept in _counts(connection, of).items():
        if kept != listed[kind]:
            yield (
                f"project {of.project_id}, release {of.release}, crashes of {kind}s:"
                f" kept {kept}, listed {listed[kind]}"
            )


def _counts(connection: Connection, of: CrashesOf) -> dict[str, int]:
    sessions = (
        select(func.count())
        .select_from(Session)
        .join(Release, Release.id == Session.release_id)
        .where(Release.project_id == of.project_id, Release.name == of.release)
        .where(IS_CRASHED)
    )
    events = sum(
        connection.execute(
            select(func.count())
            .select_from(Event)
            .where(Event.project_id == of.project_id, is_of_it, is_fatal)
        ).scalar_one()
        for is_of_it in names_of(of)
        for is_fatal in (IS_FATAL_NOW, WAS_FATAL)
    )
    return {"session": connection.execute(sessions).scalar_one(), "event": events}
