"""A release by operating system, environment or version: exact sessions and exact users of each.

Sessions that came as sums are in none but those of an environment: they tell no more.

Nothing is kept for it, but for two indexes that have all it takes: kept figures would cost each
session four rows more (docs/decisions/0155-slices-of-a-release.md). Each day is asked for by name:
with `day >= ?` a database reads all of a release for each value.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

from app.database import read_transaction, snapshot
from app.domain.rates import Thresholds
from app.domain.release_cursor import ReleaseCursor
from app.domain.release_gate import Crashes
from app.domain.release_health import ReleaseHealth, Window
from app.domain.release_slices import Slice, SliceBy, SlicedRelease, compared
from app.domain.session_status import SessionStatus
from app.models import Release, ReleaseDay, Session
from app.models.sessions import ALL_ENVIRONMENTS, IS_CRASHED, IS_IN_SLICES
from app.services.releases import health as release_health
from app.services.releases.health import ReleasePage

# So many values are listed, those with most sessions; the others are one slice together.
MAX_SLICES = 20
# Sessions are read, so a page of slices ends before its releases have more than these together.
_MOST_SESSIONS_OF_PAGE = 200_000
# Each release takes statements of its own, a dozen milliseconds however few sessions it has.
_MOST_RELEASES_OF_PAGE = 20

_Value = str | None
_ByStatus = Mapping[str, int]


@dataclass(frozen=True)
class _Scope:
    """Where the sessions of a release are: ids by environment, and the days that have any."""

    ids: dict[str, int] = field(default_factory=dict)
    days: list[date] = field(default_factory=list)

    def is_of(self, ids: Iterable[int] | None = None) -> ColumnElement[bool]:
        of = sorted(self.ids.values() if ids is None else ids)
        return Session.release_id.in_(of) & Session.day.in_(self.days)


@dataclass(frozen=True)
class _Part:
    """A slice before its users are known; `condition` finds its sessions."""

    value: _Value
    values: int
    by_status: _ByStatus
    condition: ColumnElement[bool]

    @property
    def crashed(self) -> int:
        return self.by_status[SessionStatus.CRASHED]


def list_page(
    project_id: int,
    window: Window,
    by: SliceBy,
    *,
    limit: int,
    before: ReleaseCursor | None = None,
) -> tuple[ReleasePage, dict[str, SlicedRelease]]:
    """A page of the report with the slices of each row, by release.

    It ends early where its releases are many, or have many sessions; at least one is on it.
    """
    limit = min(limit, _MOST_RELEASES_OF_PAGE)
    with snapshot():
        page = release_health.list_page(project_id, window, limit=limit, before=before)
        kept = _as_many_as_fit(page.rows)
        if kept < len(page.rows):
            page = release_health.list_page(project_id, window, limit=kept, before=before)
        return page, of_releases(project_id, window, page.rows, by)


def _as_many_as_fit(rows: Sequence[ReleaseHealth]) -> int:
    total = 0
    for number, row in enumerate(rows):
        total += row.sessions_total
        if number and total > _MOST_SESSIONS_OF_PAGE:
            return number
    return len(rows)


def of_releases(
    project_id: int, window: Window, rows: Sequence[ReleaseHealth], by: SliceBy
) -> dict[str, SlicedRelease]:
    """By release; slices add up to all of its sessions that have rows. Users do not: some are in
    several."""
    if not rows:
        return {}
    judged_by = rows[0].thresholds
    with snapshot(), read_transaction() as connection:
        scopes = _scopes(connection, project_id, window, [row.release for row in rows])
        if by is SliceBy.ENVIRONMENT:
            return {
                name: _by_environment(connection, window, scope, judged_by)
                for name, scope in scopes.items()
            }
        return {name: _by_value(connection, scope, by, judged_by) for name, scope in scopes.items()}


def _scopes(
    connection: Connection, project_id: int, window: Window, names: Sequence[str]
) -> dict[str, _Scope]:
    """Of the asked environment, or of each; days are of all of these together."""
    found: dict[str, _Scope] = defaultdict(_Scope)
    name_of = {}
    is_asked = (
        Release.environment != ALL_ENVIRONMENTS
        if window.environment is None
        else Release.environment == window.environment
    )
    ids = select(Release.id, Release.name, Release.environment).where(
        Release.project_id == project_id, Release.name.in_(names), is_asked
    )
    for release_id, name, environment in connection.execute(ids):
        found[name].ids[environment] = release_id
        name_of[release_id] = name
    days: dict[str, set[date]] = defaultdict(set)
    kept = select(ReleaseDay.release_id, ReleaseDay.day).where(
        ReleaseDay.release_id.in_(name_of), ReleaseDay.day >= window.first_day
    )
    for release_id, day in connection.execute(kept):
        days[name_of[release_id]].add(day)
    return {name: _Scope(found[name].ids, sorted(days[name])) for name in names if name in days}


def _by_value(
    connection: Connection, scope: _Scope, by: SliceBy, judged_by: Thresholds
) -> SlicedRelease:
    column: Any = getattr(Session, by)
    is_here = scope.is_of() & IS_IN_SLICES
    # First as the index has them; then the few that this leaves, by value.
    entries = (
        select(column.label("value"), Session.status, func.count().label("n"))
        .where(is_here)
        .group_by(Session.release_id, Session.day, column, Session.status)
        .subquery()
    )
    total = func.sum(entries.c.n)
    sums = [func.sum(case((entries.c.status == each, entries.c.n), else_=0)) for each in _STATUSES]
    query = (
        select(
            entries.c.value,
            func.count().over().label("values"),
            *(func.sum(each).over() for each in sums),
            *sums,
        )
        .group_by(entries.c.value)
        .order_by(total.desc(), entries.c.value)
        .limit(MAX_SLICES)
    )
    rows = [
        (value, int(values), _by_status(of_all), _by_status(own))
        for value, values, *counts in connection.execute(query)
        for of_all, own in [(counts[: len(_STATUSES)], counts[len(_STATUSES) :])]
    ]
    parts = [_Part(value, 1, own, is_here & _is(column, value)) for value, _, _, own in rows]
    rest = None
    if rows and (more := rows[0][1] - len(rows)):
        left = {
            each: count - sum(part.by_status[each] for part in parts)
            for each, count in rows[0][2].items()
        }
        listed = [value for value, *_ in rows]
        rest = _Part(None, more, left, is_here & _is_none_of(column, listed))
    return _sliced(connection, by, parts, rest, judged_by)


def _by_environment(
    connection: Connection, window: Window, scope: _Scope, judged_by: Thresholds
) -> SlicedRelease:
    """From the kept figures; only the users of what is left over are counted in sessions."""
    names = {release_id: name for name, release_id in scope.ids.items()}
    sums = [func.sum(getattr(ReleaseDay, each)) for each in _STATUSES]
    query = (
        select(
            ReleaseDay.release_id,
            func.sum(ReleaseDay.users_newest),
            func.sum(ReleaseDay.users_newest_crashed),
            *sums,
        )
        .where(ReleaseDay.release_id.in_(names), ReleaseDay.day >= window.first_day)
        .group_by(ReleaseDay.release_id)
    )
    rows = [
        (names[release_id], release_id, int(users), int(crashed), _by_status(counts))
        for release_id, users, crashed, *counts in connection.execute(query)
    ]
    rows.sort(key=lambda row: (-sum(row[4].values()), row[0]))
    listed, left = rows[:MAX_SLICES], rows[MAX_SLICES:]
    parts = [
        _Part(name, 1, by_status, scope.is_of([release_id]))
        for name, release_id, _, _, by_status in listed
    ]
    users = [(total, crashed) for _, _, total, crashed, _ in listed]
    rest = None
    if left:
        together = {each: sum(row[4][each] for row in left) for each in _STATUSES}
        rest = _Part(None, len(left), together, scope.is_of(row[1] for row in left))
    return _sliced(connection, SliceBy.ENVIRONMENT, parts, rest, judged_by, known_users=users)


def _sliced(
    connection: Connection,
    by: SliceBy,
    parts: Sequence[_Part],
    rest: _Part | None,
    judged_by: Thresholds,
    *,
    known_users: Sequence[tuple[int, int]] = (),
) -> SlicedRelease:
    every = [*parts, *([rest] if rest else [])]
    asked = range(len(known_users), len(every))
    users = _users(connection, {number: every[number] for number in asked})
    crashes = _crashes(connection, dict(enumerate(every)))
    slices = []
    for number, part in enumerate(every):
        crashed_users, of_users = crashes.get(number, (0, Crashes()))
        slices.append(
            Slice(
                value=part.value,
                values=part.values,
                users_total=(
                    known_users[number][0] if number < len(known_users) else users[number]
                ),
                users_crashed=crashed_users,
                crashes=of_users,
                thresholds=judged_by,
                sessions_ok=part.by_status[SessionStatus.OK],
                sessions_exited=part.by_status[SessionStatus.EXITED],
                sessions_errored=part.by_status[SessionStatus.ERRORED],
                sessions_abnormal=part.by_status[SessionStatus.ABNORMAL],
                sessions_crashed=part.crashed,
            )
        )
    return compared(by, slices[: len(parts)], slices[-1] if rest else None)


def _users(connection: Connection, parts: Mapping[int, _Part]) -> dict[int, int]:
    """Distinct users of each part."""
    queries = [
        select(literal(number).label("part"), func.count(Session.user_key.distinct())).where(
            part.condition
        )
        for number, part in parts.items()
    ]
    return {number: count for number, count in _together(connection, queries)}


def _crashes(connection: Connection, parts: Mapping[int, _Part]) -> dict[int, tuple[int, Crashes]]:
    """Distinct users who crashed, and how their crashes are spread over them; of parts that have
    crashes."""
    queries = []
    for number, part in parts.items():
        if part.crashed:
            by_user = (
                select(func.count().label("n"))
                .where(
                    part.condition,
                    IS_CRASHED,
                    Session.user_key.is_not(None),
                )
                .group_by(Session.user_key)
                .subquery()
            )
            queries.append(
                select(
                    literal(number).label("part"),
                    func.count(),
                    func.coalesce(func.sum(by_user.c.n), 0),
                    func.coalesce(func.sum(by_user.c.n * by_user.c.n), 0),
                ).select_from(by_user)
            )
    return {
        number: (users, Crashes(float(count), float(squares)))
        for number, users, count, squares in _together(connection, queries)
    }


def _together(connection: Connection, queries: Sequence[Select[*tuple[Any, ...]]]) -> Sequence[Any]:
    if not queries:
        return []
    return connection.execute(queries[0] if len(queries) == 1 else union_all(*queries)).all()


def _is(column: ColumnElement[Any], value: _Value) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def _is_none_of(column: ColumnElement[Any], values: Sequence[_Value]) -> ColumnElement[bool]:
    differs = column.not_in([value for value in values if value is not None])
    return differs if None in values else or_(column.is_(None), differs)


_STATUSES = [str(each) for each in SessionStatus]


def _by_status(counts: Sequence[Any]) -> dict[str, int]:
    """PostgreSQL's sums are decimals."""
    return {each: int(count) for each, count in zip(_STATUSES, counts, strict=True)}
