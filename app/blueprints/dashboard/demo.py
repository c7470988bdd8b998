"""A believable project to look at: two weeks of sessions, crashes and feedback, through the same
services as real data.

Everything is invented. Each run makes a new project of the account demo@example.com, so running it
twice harms nothing.
"""

import dataclasses
import random
import secrets
from datetime import datetime, timedelta

import click

from app.config import Settings
from app.domain.feedback_status import FeedbackStatus
from app.domain.fingerprint import fingerprint
from app.domain.issue_status import EventLevel
from app.domain.releases import DEFAULT_ENVIRONMENT
from app.domain.session_status import SessionStatus
from app.domain.user_key import user_key
from app.services import accounts, events, feedback, projects, sessions, triage
from app.services.events import NewEvent
from app.services.sessions import SessionReport

DEMO_EMAIL = "demo@example.com"
_PASSWORD_BYTES = 9
DEMO_DAYS = 14
FEEDBACK_COUNT = 120
EVENT_COUNT = 60
SESSION_COUNT = 600
USER_COUNT = 180

_WHERE = ("Checkout", "Search", "Profile", "Order history", "Login", "Settings", "Cart")
_WHAT = (
    "The {} page stays blank after I come back from the background",
    "Love the new {} screen, but the text is too small on my phone",
    "{} takes ten seconds to open on the train",
    "I tapped twice in {} and was charged twice? Please call me, my mail is jo.doe@example.org",
    "The button in {} stays grayed out",
    "Dark mode in {} is unreadable",
    "{}: the keyboard covers the field I am typing in",
    "Please bring back the old {}, I cannot find anything",
    "{} crashes when I type an emoji 😅",
    "Paid with 4111 1111 1111 1111 in {} and the receipt never came",
)
_NAMES = ("Alice", "Bob", "Chloé", "Dmitri", "Emeka", "Fatima", "Günther", "Hana", None, None, None)
# Exception type, message, top frames: three bugs.
_BUGS = (
    (
        "TypeError",
        "Cannot read property 'total' of undefined",
        ("at pay (index.android.bundle:1:{line})", "at onPress (index.android.bundle:1:220)"),
    ),
    (
        "StateError",
        "Bad state: No element",
        (
            "#0      List.first (dart:core-patch/growable_array.dart:343:5)",
            "#1      Cart.last (package:demoshop/cart.dart:{line}:9)",
        ),
    ),
    (
        "RangeError",
        "Invalid string length {line}",
        ("at shorten (index.android.bundle:1:{line})", "at render (index.android.bundle:1:87)"),
    ),
)
# How many of a thousand sessions crash.
_CRASHES_PER_1000 = {"1.3.9": 4, "1.4.0": 30, "1.4.1": 8, "1.4.2": 3}
_VERSIONS = ("1.3.9", "1.4.0", "1.4.1", "1.4.1", "1.4.2", "1.4.2", "1.4.2")


def fill_demo(settings: Settings, *, now: datetime) -> None:
    """Make the account, a project and its data; print the tokens and what to try."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    account = accounts.open_for_demo(DEMO_EMAIL, password=password, now=now)
    project = projects.create(
        "Demo shop", owner_id=account.id, platform="react-native", actor=None, now=now
    )
    chance = random.Random(project.id)  # the same demo for the same project, on every machine
    _fill_sessions(project.id, chance, now=now)
    crashes = _fill_events(project.id, chance, now=now)
    newest_id = _fill_feedback(project.id, chance, crashes, now=now)
    user_token = accounts.issue_token(DEMO_EMAIL, client="demo", now=now).token
    shown = _Shown(project, user_token=user_token, password=password, feedback_id=newest_id)
    click.echo(_what_to_try(settings, shown))


def _ages(chance: random.Random, count: int) -> list[timedelta]:
    """How long ago things happened, oldest first."""
    ages = [timedelta(days=chance.uniform(0, DEMO_DAYS - 0.5)) for _ in range(count)]
    return sorted(ages, reverse=True)


def _fill_sessions(project_id: int, chance: random.Random, *, now: datetime) -> None:
    with click.progressbar(_ages(chance, SESSION_COUNT), label="Sessions") as progress:
        for age in progress:
            version = chance.choice(_VERSIONS)
            crashed = chance.randrange(1000) < _CRASHES_PER_1000[version]
            opened = SessionReport(
                session_id=chance.randbytes(16),
                status=SessionStatus.OK,
                release=version,
                environment=DEFAULT_ENVIRONMENT,
                app_version=version,
                os_name=chance.choice(("Android", "iOS")),
                user_key=user_key(f"demo user {chance.randrange(USER_COUNT)}"),
            )
            duration_ms = chance.randrange(5_000, 900_000)
            ended = dataclasses.replace(
                opened,
                status=SessionStatus.CRASHED if crashed else SessionStatus.EXITED,
                duration_ms=duration_ms,
            )
            started_at = now - age
            sessions.record(project_id, opened, now=started_at)
            ended_at = started_at + timedelta(milliseconds=duration_ms)
            sessions.record(project_id, ended, now=min(ended_at, now))


@dataclasses.dataclass(frozen=True)
class _Crash:
    """An event that feedback may come with."""

    event_id: int
    version: str | None
    at: datetime


def _fill_events(project_id: int, chance: random.Random, *, now: datetime) -> list[_Crash]:
    """Oldest first."""
    crashes = []
    with click.progressbar(_ages(chance, EVENT_COUNT), label="Events  ") as progress:
        for age in progress:
            event = _invent_event(chance)
            event_id = events.ingest(project_id, event, now=now - age).id
            crashes.append(_Crash(event_id, event.release, now - age))
    return crashes


def _invent_event(chance: random.Random) -> NewEvent:
    exception_type, message, frames = chance.choice(_BUGS)
    line = chance.randrange(100, 9000)
    stack = [frame.format(line=line) for frame in frames]
    message = message.format(line=line)
    version = chance.choice(_VERSIONS)
    return NewEvent(
        exception_type=exception_type,
        fingerprint=fingerprint(exception_type, stack=stack, message=message),
        message=message,
        level=chance.choice((EventLevel.FATAL, EventLevel.ERROR)),
        release=version,
        environment=DEFAULT_ENVIRONMENT,
        platform="react-native",
        content={
            "stack": stack,
            "breadcrumbs": [{"category": "navigation", "message": chance.choice(_WHERE)}],
            "context": {"app_version": version, "device_model": "Pixel 8", "locale": "fr-FR"},
            "_meta": {"cut": {}},
        },
    )


def _fill_feedback(
    project_id: int, chance: random.Random, crashes: list[_Crash], *, now: datetime
) -> int:
    """The id of the newest."""
    newest_id = 0
    with click.progressbar(_ages(chance, FEEDBACK_COUNT), label="Feedback") as progress:
        for age in progress:
            written_at = now - age
            before = [crash for crash in crashes if crash.at <= written_at]
            crash = before[-1] if before and chance.random() < 0.3 else None
            newest_id = feedback.submit(
                project_id,
                _invent_feedback(chance, version=crash.version if crash else None),
                event_id=crash.event_id if crash else None,
                address_hash=chance.randbytes(32),
                now=written_at,
                duplicate_window=timedelta(minutes=10),
            ).id
            status = _invent_status(chance, age)
            if status is not FeedbackStatus.OPEN:
                handled_at = written_at + age * chance.random()
                triage.set_status(
                    project_id, newest_id, status=status, actor=DEMO_EMAIL, now=handled_at
                )
    return newest_id


def _invent_feedback(chance: random.Random, *, version: str | None) -> feedback.Submission:
    place = chance.choice(_WHERE)
    name = chance.choice(_NAMES)
    return feedback.Submission(
        message=chance.choice(_WHAT).format(place),
        name=name,
        email=f"{name.lower()}@example.com" if name and chance.random() < 0.6 else None,
        url=f"demoshop://{place.replace(' ', '')}",
        app_version=version or chance.choice(_VERSIONS),
    )


def _invent_status(chance: random.Random, age: timedelta) -> FeedbackStatus:
    """The older, the more of it is done."""
    if chance.random() > age / timedelta(days=DEMO_DAYS):
        return FeedbackStatus.OPEN
    return chance.choice((FeedbackStatus.HANDLED, FeedbackStatus.HANDLED, FeedbackStatus.ARCHIVED))


@dataclasses.dataclass(frozen=True)
class _Shown:
    """What is shown once; a later run gives the demo's account another password."""

    project: projects.ProjectToken
    _: dataclasses.KW_ONLY
    user_token: str = dataclasses.field(repr=False)
    password: str = dataclasses.field(repr=False)
    feedback_id: int


def _what_to_try(settings: Settings, shown: _Shown) -> str:
    project, feedback_id = shown.project, shown.feedback_id
    base = settings.local_url
    triage = f"{base}/api/projects/{project.id}/feedback"
    bearer = f"-H 'Authorization: Bearer {shown.user_token}'"
    return f"""
Project {project.id} ({project.name}) is filled. Its tokens, shown only now:
  project token  {project.token}
  user token     {shown.user_token}

With `make run` in another terminal, look at it in a browser: {base}/login
  e-mail         {DEMO_EMAIL}
  password       {shown.password}

Or paste these to send feedback, read it, and handle it:

curl -X POST {base}/feedback -H 'X-Pionne-Token: {project.token}' \
-d '{{"message": "The Pay button stays grayed out", "app_version": "1.4.2"}}'
curl '{triage}?limit=3' {bearer}
curl -X PATCH {triage}/{feedback_id} {bearer} -d '{{"status": "handled"}}'
"""
