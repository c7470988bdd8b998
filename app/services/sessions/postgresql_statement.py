"""The one statement that stores what a report moves on PostgreSQL, or nothing of it.

Nothing is locked between the look and this. So the statement locks what was seen, and stores only
where it is still as it was; what was not there may have come, then its INSERT fails, and with it
all the rest (docs/decisions/0068-look-then-store.md).

Rows are locked in one order everywhere, so that no two transactions cross: the token, the release,
a session that is there already, users by release, days by day and release. PostgreSQL runs each
part when it is asked for its count, in the order of the last SELECT. Each SELECT names a column,
also where only the rows count: a distributed PostgreSQL (Citus) passes on no other.

Reports of the Sentry dialect have statements of their own, made of the same parts and of more:
those of Pionne's cost what they did.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, column, text
from sqlalchemy.types import TypeEngine

from app.database.prepared import Prepared
from app.domain.session_moves import FIGURES, RISING_FIGURES, Moves
from app.models import ProjectToken, Release, Session
from app.models.sessions import ALL_ENVIRONMENTS

_TOKEN_HOLDS = """
    EXISTS (
        SELECT projects.id FROM projects JOIN project_tokens held ON held.project_id = projects.id
        WHERE projects.id = :project_id AND held.digest = coalesce(:token_digest, held.digest)
        FOR KEY SHARE
    )
"""
# As many rows as there can be: a user of two scopes, of which three days move in each.
_USERS = """
    SELECT release_id, newest, newest_crashed, was_newest, was_newest_crashed
    FROM json_to_recordset(CAST(:users AS json)) AS _ (
        release_id bigint,
        newest date, newest_crashed date, was_newest date, was_newest_crashed date
    )
    LIMIT 2
"""
_DAYS = """
    SELECT release_id, day, {names}
    FROM json_to_recordset(CAST(:days AS json)) AS _ (
        release_id bigint, day date, {integers}
    )
    LIMIT 6
"""
_USERS_AS_SEEN = """
    SELECT kept.release_id
    FROM {first} release_users kept JOIN users USING (release_id)
    WHERE kept.user_key = :user_key
        AND kept.newest_day = was_newest
        AND kept.newest_crashed_day IS NOT DISTINCT FROM was_newest_crashed
    ORDER BY kept.release_id
    FOR UPDATE OF kept
"""
_USERS_ARE_AS_SEEN = """
    (SELECT count(*) FROM users_as_seen)
        = (SELECT count(*) FROM users WHERE was_newest IS NOT NULL)
"""
_RELEASE_AS_SEEN = f"""
    SELECT id FROM releases
    WHERE project_id = :project_id AND name = :name
        AND (id = :release_id AND environment = :environment
            OR id = :in_all_id AND environment = '{ALL_ENVIRONMENTS}')
    ORDER BY id
    FOR KEY SHARE
"""
_OPEN = f"""
    INSERT INTO sessions (
        project_id, session_id, release_id, day, status, user_key,
        app_version, os_name, app_id, duration_ms, started_at, ended_at{{more}}
    )
    SELECT
        :project_id, :session_id, :release_id, :day, :status, :user_key,
        :app_version, :os_name, :app_id, :duration_ms, :started_at, :ended_at{{more_values}}
    WHERE {_TOKEN_HOLDS} AND (SELECT count(*) FROM release_as_seen) = 2
"""
# Release and day never change. Asking for them, too, would let PostgreSQL look there first.
_IS_AS_SEEN = f"""
    {_TOKEN_HOLDS}
    AND id = :known_id
    AND status = :known_status
    {{user_is_as_seen}}
    AND duration_ms IS NOT DISTINCT FROM :known_duration_ms
"""
_HAS_THIS_USER = "AND user_key IS NOT DISTINCT FROM :user_key"
_HAD_THIS_USER = "AND user_key IS NOT DISTINCT FROM :known_user_key"
_HAS_RISEN_AS_SEEN = """
    AND errors = :known_errors
    AND unhandled = :known_unhandled
    AND abnormal_mechanism IS NOT DISTINCT FROM :known_abnormal_mechanism
    AND (ended_at IS NOT NULL) = :had_ended
"""
_CHANGE = """
    UPDATE sessions
    SET status = :status, duration_ms = :duration_ms, ended_at = coalesce(:ended_at, ended_at)
"""
_OF_RISING = ("errors", "unhandled", "abnormal_mechanism")
_OF_RISING_NEW = (*_OF_RISING, "reported_at")
_NEW_USERS = """
    INSERT INTO release_users (release_id, user_key, newest_day, newest_crashed_day)
    SELECT release_id, :user_key, newest, newest_crashed
    FROM users, session
    WHERE was_newest IS NULL
    ORDER BY release_id
"""
_MOVED_USERS = """
    UPDATE release_users kept
    SET newest_day = newest, newest_crashed_day = newest_crashed
    FROM users, session
    WHERE kept.release_id = users.release_id AND kept.user_key = :user_key
        AND (newest <> was_newest OR newest_crashed IS DISTINCT FROM was_newest_crashed)
"""
# The days on which the user was seen before; they may be purged.
_KNOWN_DAYS = """
    SELECT kept.release_id, kept.day
    FROM release_days kept JOIN days USING (release_id, day), session
    WHERE kept.day <> :day
    ORDER BY kept.day, kept.release_id
    FOR UPDATE OF kept
"""
_MOVED_DAYS = """
    UPDATE release_days kept
    SET {from_days}
    FROM days JOIN known_days USING (release_id, day)
    WHERE kept.release_id = days.release_id AND kept.day = days.day
"""
# The session's own day: it is there already where the session is.
_COUNT = """
    INSERT INTO release_days AS kept
        (release_id, day, first_seen_at, last_seen_at, {names})
    SELECT release_id, days.day, :seen_at, :seen_at, {names}
    FROM days, session
    WHERE days.day = :day
    ORDER BY release_id
    ON CONFLICT (release_id, day) DO UPDATE
    SET {from_excluded}
"""
_COUNT_SEEN = """,
    first_seen_at = least(kept.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(kept.last_seen_at, excluded.last_seen_at)
"""


class Shape(NamedTuple):
    """What a statement has to do; each has one of its own, as what is idle costs time, too."""

    opens: bool
    knows_users: bool
    adds_users: bool
    moves_users: bool
    counts: bool
    moves_days: bool  # also others than the session's own
    rises: bool

    @classmethod
    def of(cls, moves: Moves, *, opens: bool, rises: bool) -> "Shape":
        known = [(before, after) for _, before, after in moves.users if before is not None]
        return cls(
            opens=opens,
            knows_users=bool(known),
            adds_users=len(known) < len(moves.users),
            moves_users=any(before != after for before, after in known),
            counts=bool(moves.figures),
            moves_days=any(day != moves.day for _, day in moves.figures),
            rises=rises,
        )

    def sql(self) -> str:
        parts = dict(self._parts())
        defined = ", ".join(f"{name} AS ({part})" for name, part in parts.items())
        counts = "".join(
            f", (SELECT count(*) FROM {name})" for name in parts if name in _COUNTED_PARTS
        )
        return f"WITH {defined} SELECT (SELECT id FROM session){counts}"

    def _parts(self) -> Iterator[tuple[str, str]]:
        has_users = self.knows_users or self.adds_users
        if has_users:
            yield "users", _USERS
        if self.counts:
            yield "days", self._of_figures(_DAYS)
        if self.opens:
            yield "release_as_seen", _RELEASE_AS_SEEN
            more = _OF_RISING_NEW if self.rises else ()
            store = _OPEN.format(
                more="".join(f", {name}" for name in more),
                more_values="".join(f", :{name}" for name in more),
            )
        else:
            is_as_seen = _IS_AS_SEEN.format(
                user_is_as_seen=_HAD_THIS_USER if self.rises else _HAS_THIS_USER
            )
            change = _CHANGE
            if self.rises:
                is_as_seen += _HAS_RISEN_AS_SEEN
                change += "".join(f", {name} = :{name}" for name in ("user_key", *_OF_RISING))
            if has_users:
                yield "session_as_seen", f"SELECT id FROM sessions WHERE {is_as_seen} FOR UPDATE"
                is_as_seen = "id = (SELECT id FROM session_as_seen)"
            store = f"{change} WHERE {is_as_seen}"
        if self.knows_users:
            locked_first = "" if self.opens else "session_as_seen,"
            yield "users_as_seen", _USERS_AS_SEEN.format(first=locked_first)
            store += f" AND {_USERS_ARE_AS_SEEN}"
        yield "session", f"{store} RETURNING id"
        if self.adds_users:
            yield "new_users", f"{_NEW_USERS} RETURNING 1"
        if self.moves_users:
            yield "moved_users", f"{_MOVED_USERS} RETURNING 1"
        if self.moves_days:
            yield "known_days", _KNOWN_DAYS
            yield "moved_days", f"{self._of_figures(_MOVED_DAYS)} RETURNING 1"
        if self.counts:
            count = self._of_figures(_COUNT)
            yield "counted_days", f"{count}{_COUNT_SEEN if self.opens else ''} RETURNING 1"

    def _of_figures(self, part: str) -> str:
        figures = RISING_FIGURES if self.rises else FIGURES
        return part.format(
            names=", ".join(figures),
            integers=", ".join(f"{name} integer" for name in figures),
            from_days=", ".join(f"{name} = kept.{name} + days.{name}" for name in figures),
            from_excluded=", ".join(f"{name} = kept.{name} + excluded.{name}" for name in figures),
        )


_COUNTED_PARTS = ("new_users", "moved_users", "moved_days", "counted_days")


# What PostgreSQL is to take the values for: where they stand in a SELECT, it cannot tell.
_TYPES: dict[str, TypeEngine[Any]] = {
    **{column.name: column.type for column in Session.__table__.columns},
    "token_digest": ProjectToken.digest.type,
    "name": Release.name.type,
    "environment": Release.environment.type,
    "in_all_id": Release.id.type,
    "seen_at": Session.started_at.type,
    "known_id": Session.id.type,
    "known_status": Session.status.type,
    "known_duration_ms": Session.duration_ms.type,
    "known_user_key": Session.user_key.type,
    "known_errors": Session.errors.type,
    "known_unhandled": Session.unhandled.type,
    "known_abnormal_mechanism": Session.abnormal_mechanism.type,
    "had_ended": Session.unhandled.type,
}


@cache
def statement_of(shape: Shape) -> Prepared:
    sql = " ".join(shape.sql().split())
    used = set(re.findall(r":(\w+)", sql))
    typed = (bindparam(name, type_=type_) for name, type_ in _TYPES.items() if name in used)
    statement = text(sql).bindparams(*typed).columns(column("id", Session.id.type))
    return Prepared(lambda _: statement)
