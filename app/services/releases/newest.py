"""The newest release of each of many projects: how it does, and the gate's word on it.

So many statements for all projects together, however many there are. A project's releases are
looked for among fewer of those seen last than the gate looks at. What a newcomer would get wrong:
the newest release is that by the order of releases, not the one that was seen last.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import JSON, Connection, func, select

from app.domain.previous_release import SeenRelease, newest_before, newest_of
from app.domain.rates import Comparison, Tally, Thresholds
from app.domain.release_health import Window
from app.domain.releases import OTHER, UNKNOWN_RELEASE
from app.models import Project, Release, ReleaseDay
from app.models.sessions import ALL_ENVIRONMENTS, IS_NEWEST_DAY
from app.services.releases.gate_figures import KeptDay, ReleaseFigures, ReleaseIds
from app.services.releases.gate_words import Pair, words_of
from app.services.releases.health import SESSIONS_OF_DAY

# Of a project, so many releases seen last.
_LOOKED_AT = 20
# The newest one, and so many less one before it, of which one has a session on the same days.
_COMPARED = 3


@dataclass(frozen=True, kw_only=True)
class NewestRelease:
    """`against`: the release that the word compares it with; None where there is none before it."""

    name: str
    users: Tally
    sessions: Tally
    against: str | None
    word: Comparison = Comparison.UNDECIDED


@dataclass(frozen=True)
class ProjectReleases:
    """`newest` is None of a project without sessions in the window; `by_day` has the sessions of
    the releases that were looked at, for each day of the window."""

    newest: NewestRelease | None
    by_day: list[Tally]


@dataclass(frozen=True)
class _Candidate:
    """One that was seen last; `id` is that of its figures of all environments."""

    id: int
    seen: SeenRelease

    @property
    def is_named(self) -> bool:
        return self.seen.name not in (UNKNOWN_RELEASE, OTHER)


def of_projects(
    connection: Connection, judged_by: Mapping[int, Thresholds], window: Window
) -> dict[int, ProjectReleases]:
    """Each project that is asked for, by what it judges its releases by, has an entry."""
    found = _candidates(connection, list(judged_by), window)
    newest = {project_id: _newest_first(each) for project_id, each in found.items()}
    figures = _figures(connection, [each.id for some in newest.values() for each in some], window)
    told, pairs = {}, {}
    for project_id, some in newest.items():
        known = [each for each in some if each.id in figures]
        if not known:
            continue
        new = figures[known[0].id]
        beside = [each for each in known[1:] if figures[each.id].days.keys() & new.days.keys()]
        told[project_id] = NewestRelease(
            name=known[0].seen.name,
            users=new.users_since(min(new.days)),
            sessions=_sum(new.days.values()),
            against=beside[0].seen.name if beside else None,
        )
        if beside:
            least = judged_by[project_id].sessions.minimum
            pairs[project_id] = Pair(new, figures[beside[0].id], minimum=least)
    for project_id, word in zip(pairs, words_of(connection, list(pairs.values()))):
        told[project_id] = replace(told[project_id], word=word)
    by_day = _by_day(connection, found, window)
    return {
        each: ProjectReleases(
            told.get(each),
            [by_day.get((each, day), Tally(0, 0)) for day in window.each_day],
        )
        for each in judged_by
    }


def _candidates(
    connection: Connection, project_ids: Sequence[int], window: Window
) -> dict[int, list[_Candidate]]:
    first_seen = (
        select(ReleaseDay.first_seen_at)
        .where(ReleaseDay.release_id == Release.id)
        .order_by(ReleaseDay.day)
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(Release.id, Release.project_id, Release.name, first_seen).where(
            Release.id.in_(_ids_seen_last(connection, project_ids, window))
        )
    )
    found: dict[int, list[_Candidate]] = defaultdict(list)
    for release_id, project_id, name, moment in rows.all():
        found[project_id].append(_Candidate(release_id, SeenRelease(name, moment)))
    return found


def _ids_seen_last(connection: Connection, project_ids: Sequence[int], window: Window) -> list[int]:
    """A list a project, each read from an index in order, and no further than it is long."""
    seen_last = (
        select(ReleaseDay.release_id)
        .where(
            ReleaseDay.project_id == Project.id,
            ReleaseDay.environment == ALL_ENVIRONMENTS,
            ReleaseDay.day >= window.first_day,
            IS_NEWEST_DAY,
        )
        .order_by(
            ReleaseDay.day.desc(), ReleaseDay.last_seen_at.desc(), ReleaseDay.release_id.desc()
        )
        .limit(_LOOKED_AT)
        .correlate(Project)
        .subquery()
    )
    is_sqlite = connection.dialect.name == "sqlite"
    gather = func.json_group_array if is_sqlite else func.json_agg
    lists = select(gather(seen_last.c.release_id, type_=JSON)).scalar_subquery()
    query = select(lists).where(Project.id.in_(project_ids))
    return [each for found in connection.execute(query).scalars() for each in found or ()]


def _newest_first(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The newest release, the one before it, and so on, so many.

    What names no release is among them only where there is nothing else.
    """
    left = [each.seen for each in candidates if each.is_named]
    newest = newest_of(left or [each.seen for each in candidates])
    order: list[SeenRelease] = []
    while newest is not None and len(order) < _COMPARED:
        order.append(newest)
        newest = newest_before(newest, left)
    return [each for seen in order for each in candidates if each.seen is seen]


def _figures(
    connection: Connection, release_ids: Sequence[int], window: Window
) -> dict[int, ReleaseFigures]:
    """Without those that have no session in the window."""
    rows = connection.execute(
        select(
            ReleaseDay.release_id,
            ReleaseDay.day,
            SESSIONS_OF_DAY,
            ReleaseDay.crashed,
            ReleaseDay.users_active,
            ReleaseDay.users_newest,
            ReleaseDay.users_newest_crashed,
        ).where(ReleaseDay.release_id.in_(release_ids), ReleaseDay.day >= window.first_day)
    )
    days: dict[int, dict[date, KeptDay]] = defaultdict(dict)
    for release_id, day, sessions, crashed, users, users_newest, users_newest_crashed in rows.all():
        if sessions:
            days[release_id][day] = KeptDay(
                sessions=sessions,
                crashed=crashed,
                users=users,
                users_newest=users_newest,
                users_newest_crashed=users_newest_crashed,
            )
    return {each: ReleaseFigures(ReleaseIds(each, ()), kept) for each, kept in days.items()}


def _by_day(
    connection: Connection, candidates: Mapping[int, Sequence[_Candidate]], window: Window
) -> dict[tuple[int, date], Tally]:
    """Sessions of all of a project's releases that were looked at. A day past today, of a host
    whose clock is ahead, counts as none."""
    ids = [each.id for some in candidates.values() for each in some]
    rows = connection.execute(
        select(
            Release.project_id,
            ReleaseDay.day,
            func.sum(SESSIONS_OF_DAY),
            func.sum(ReleaseDay.crashed),
        )
        .join(Release, Release.id == ReleaseDay.release_id)
        .where(ReleaseDay.release_id.in_(ids), ReleaseDay.day >= window.first_day)
        .group_by(Release.project_id, ReleaseDay.day)
    )
    return {
        (project_id, day): Tally(int(sessions), int(crashed))
        for project_id, day, sessions, crashed in rows.all()
    }


def _sum(kept: Iterable[KeptDay]) -> Tally:
    days = list(kept)
    return Tally(sum(day.sessions for day in days), sum(day.crashed for day in days))
