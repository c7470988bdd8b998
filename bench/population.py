"""Projects with feedback and sessions of months, one of them large, made in bulk.

The kept figures of release health are what the service would have left:
`pionne-feedback sessions verify` agrees with them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.domain import tokens
from app.domain.search_text import search_text
from app.domain.user_key import user_key
from app.services import accounts
from app.services.projects import tokens as project_tokens
from bench.bulk import BulkConnection, Row

EMAIL = "bench@example.com"
PASSWORD = "not a secret"
LARGE_PROJECT = "Large"
RARE_WORD = "zebra"  # in one message of a hundred
ABSENT_WORD = "okapi"
MESSAGE_WORDS = 18  # some 100 characters
RELEASES = 20
ENVIRONMENT = "production"
FEEDBACK_DAYS = 365
SESSION_DAYS = 90
_WORDS = (
    "the page stays blank after payment when I tap twice in the cart and then go back to the list"
    " of orders because my address was not saved and the button is gray"
).split()
_STATUSES = ("open",) * 7 + ("handled",) * 2 + ("archived",)
_ENDINGS = ("exited",) * 90 + ("ok",) * 6 + ("errored", "errored", "abnormal", "crashed")

_USERS = """
INSERT INTO release_users (release_id, user_key, newest_day, newest_crashed_day)
SELECT scope.id, s.user_key, max(s.day), max(CASE WHEN s.status = 'crashed' THEN s.day END)
FROM sessions s JOIN releases own ON own.id = s.release_id
JOIN releases scope ON scope.project_id = own.project_id AND scope.name = own.name
WHERE s.user_key IS NOT NULL GROUP BY scope.id, s.user_key
"""
_DAYS = """
INSERT INTO release_days (release_id, day, {names}, users_active, users_newest,
  users_newest_crashed, first_seen_at, last_seen_at)
SELECT scope.id, s.day, {sums}, count(DISTINCT s.user_key), 0, 0,
  min(s.started_at), max(s.started_at)
FROM sessions s JOIN releases own ON own.id = s.release_id
JOIN releases scope ON scope.project_id = own.project_id AND scope.name = own.name
GROUP BY scope.id, s.day
"""
_NEWEST = """
UPDATE release_days SET {figure} = found.users
FROM (SELECT release_id, {day} AS day, count(*) AS users FROM release_users GROUP BY 1, 2) found
WHERE found.release_id = release_days.release_id AND found.day = release_days.day
"""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many rows; the rest of them is spread over the other projects."""

    projects: int
    feedback: int
    feedback_in_large: int
    sessions: int
    sessions_in_large: int
    users_in_large: int

    def divided_by(self, divisor: int) -> "Size":
        """Fewer rows in as many projects."""
        return Size(
            projects=self.projects,
            feedback=self.feedback // divisor,
            feedback_in_large=self.feedback_in_large // divisor,
            sessions=self.sessions // divisor,
            sessions_in_large=self.sessions_in_large // divisor,
            users_in_large=self.users_in_large // divisor,
        )


@dataclass(frozen=True)
class Population:
    """`project_tokens` are in the order of the projects, of which the large one is first."""

    large_project_id: int
    project_tokens: list[str]
    user_token: str


def populate(
    size: Size, *, label: str, now: datetime | None = None, message_words: int = MESSAGE_WORDS
) -> Population:
    """Fills the empty database of the current app; `label` says which one in the progress bars."""
    now = now or datetime.now(UTC)
    chance = random.Random(size.feedback)
    account = accounts.create(EMAIL, password=PASSWORD, now=now)
    user_token = accounts.issue_token(EMAIL, client="bench", now=now).token
    with BulkConnection() as connection:
        project_tokens = _load_projects(connection, size, account.id, now, label)
        project_ids = [
            int(str(id_)) for id_, in connection.run("SELECT id FROM projects ORDER BY id")
        ]
        connection.load(
            "feedback",
            ("project_id", "message", "name", "email", "url", "app_version", "status")
            + ("created_at", "address_hash", "duplicate_key"),
            _feedback(chance, size, project_ids, now, message_words),
            count=size.feedback,
            label=f"{label}: feedback",
        )
        _load_texts(connection, size, label)
        _load_sessions(connection, chance, size, project_ids, now, label)
    return Population(project_ids[0], project_tokens, user_token)


def load_release(name: str, *, label: str) -> None:
    """A release that each project of the current app has had sessions of, in both scopes."""
    with BulkConnection() as connection:
        project_ids = [id_ for (id_,) in connection.run("SELECT id FROM projects ORDER BY id")]
        connection.load(
            "releases",
            ("project_id", "name", "environment"),
            ((id_, name, environment) for id_ in project_ids for environment in ("", ENVIRONMENT)),
            count=2 * len(project_ids),
            label=f"{label}: release {name}",
        )


def _load_projects(
    connection: BulkConnection, size: Size, owner_id: int, now: datetime, label: str
) -> list[str]:
    made = [tokens.new_project_token() for _ in range(size.projects)]
    connection.load(
        "projects",
        ("owner_id", "name", "created_at"),
        (
            (
                owner_id,
                f"Project {number}" if number else LARGE_PROJECT,
                _moment(now - timedelta(days=FEEDBACK_DAYS)),
            )
            for number in range(size.projects)
        ),
        count=size.projects,
        label=f"{label}: projects",
    )
    project_ids = [id_ for (id_,) in connection.run("SELECT id FROM projects ORDER BY id")]
    connection.load(
        "project_tokens",
        ("project_id", "label", "digest", "preview", "created_at"),
        (
            (
                project_id,
                project_tokens.FIRST_LABEL,
                tokens.digest(token),
                tokens.token_preview(token),
                _moment(now - timedelta(days=FEEDBACK_DAYS)),
            )
            for project_id, token in zip(project_ids, made, strict=True)
        ),
        count=size.projects,
        label=f"{label}: project tokens",
    )
    return made


def _feedback(
    chance: random.Random,
    size: Size,
    project_ids: list[int],
    now: datetime,
    message_words: int,
) -> Iterator[Row]:
    share_of_large = size.feedback_in_large / size.feedback
    for number, project_id in enumerate(
        _spread(chance, size.feedback, share_of_large, project_ids), start=1
    ):
        words = " ".join(chance.choices(_WORDS, k=message_words))
        rare = f" {RARE_WORD}" if chance.random() < 0.01 else ""
        yield (
            project_id,
            f"{words}{rare}, report {number}",
            "Alice" if number % 3 else None,
            f"user{number}@example.com" if number % 2 else None,
            f"https://app.example.com/orders/{number}",
            f"1.{chance.randrange(RELEASES)}.0",
            chance.choice(_STATUSES),
            _moment(now - timedelta(days=FEEDBACK_DAYS * (1 - number / size.feedback))),
            chance.randbytes(32),
            chance.randbytes(32),
        )


def _load_texts(connection: BulkConnection, size: Size, label: str) -> None:
    query = "SELECT project_id, id, message, name, email, url FROM feedback ORDER BY project_id, id"
    connection.load(
        "feedback_texts",
        ("project_id", "feedback_id", "folded"),
        (
            (project_id, row_id, search_text((message, name, email, url)))
            for project_id, row_id, message, name, email, url in connection.run(query)
        ),
        count=size.feedback,
        label=f"{label}: texts",
    )


def _load_sessions(
    connection: BulkConnection,
    chance: random.Random,
    size: Size,
    project_ids: list[int],
    now: datetime,
    label: str,
) -> None:
    others = project_ids[1:] if size.sessions > size.sessions_in_large else []
    connection.load(
        "releases",
        ("project_id", "name", "environment"),
        (
            (project_id, f"1.{number}.0", environment)
            for project_id in (project_ids[0], *others)
            for number in range(RELEASES)
            for environment in ("", ENVIRONMENT)
        ),
        count=(1 + len(others)) * RELEASES * 2,
        label=f"{label}: releases",
    )
    release_ids: dict[int, list[int]] = {}
    query = f"SELECT project_id, id FROM releases WHERE environment = '{ENVIRONMENT}'"
    for project_id, release_id in connection.run(query):
        release_ids.setdefault(int(str(project_id)), []).append(int(str(release_id)))
    connection.load(
        "sessions",
        ("project_id", "session_id", "release_id", "day", "status", "user_key", "duration_ms")
        + ("started_at", "ended_at"),
        _sessions(chance, size, project_ids, release_ids, now),
        count=size.sessions,
        label=f"{label}: sessions",
    )
    names = ("ok", "exited", "errored", "abnormal", "crashed")
    sums = ", ".join(f"sum(CASE WHEN s.status = '{name}' THEN 1 ELSE 0 END)" for name in names)
    connection.run(_USERS)
    connection.run(_DAYS.format(names=", ".join(names), sums=sums))
    connection.run(_NEWEST.format(figure="users_newest", day="newest_day"))
    connection.run(_NEWEST.format(figure="users_newest_crashed", day="newest_crashed_day"))


def _sessions(
    chance: random.Random,
    size: Size,
    project_ids: list[int],
    release_ids: dict[int, list[int]],
    now: datetime,
) -> Iterator[Row]:
    large = project_ids[0]
    sessions_a_user = size.sessions_in_large / size.users_in_large
    sessions_in_other = (size.sessions - size.sessions_in_large) / max(1, len(project_ids) - 1)
    users_in_other = min(size.users_in_large, max(1, int(sessions_in_other / sessions_a_user)))
    known = {number: user_key(str(number)) for number in range(size.users_in_large)}
    share_of_large = size.sessions_in_large / size.sessions
    for number, project_id in enumerate(
        _spread(chance, size.sessions, share_of_large, project_ids), start=1
    ):
        users = size.users_in_large if project_id == large else users_in_other
        started_at = now - timedelta(days=SESSION_DAYS * (1 - number / size.sessions))
        duration_ms = chance.randrange(1000, 900_000)
        status = chance.choice(_ENDINGS)
        ended_at = None if status == "ok" else _moment(started_at)
        yield (
            project_id,
            chance.randbytes(16),
            chance.choice(release_ids[project_id]),
            started_at.date().isoformat(),
            status,
            known[chance.randrange(users)] if number % 20 else None,
            duration_ms if ended_at else None,
            _moment(started_at),
            ended_at,
        )


def _spread(
    chance: random.Random, count: int, share_of_first: float, project_ids: list[int]
) -> Iterator[int]:
    """So many project ids; the first one's rows lie among the others', as they would have come."""
    first, *others = project_ids
    for number in range(count):
        # As many of the first as its share asks for, exactly.
        if int((number + 1) * share_of_first + 1e-9) > int(number * share_of_first + 1e-9):
            yield first
        else:
            yield chance.choice(others)


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
