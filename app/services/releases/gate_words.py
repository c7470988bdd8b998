"""The gate's word on many releases, each beside the one before it, with so many statements in all.

It is the word of `verdicts` with default tolerance and nothing to settle, with one bound more: of
many crashes fewer are counted by user, the more releases there are. Nobody waits longer for a list
because one project in it crashes much.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, Select, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.domain.rates import TOLERATED_LOSS, Comparison
from app.domain.release_gate import Crashes, word_of
from app.domain.release_gate.reason import LATE_MATTERS
from app.models import Release, Session
from app.models.sessions import ALL_ENVIRONMENTS, IS_CRASHED
from app.services.releases.gate_figures import FIRST_KEY, LATE, ReleaseFigures, key_below
from app.services.releases.verdicts import matched

# Of all sides together, so many crashed sessions are counted by user; of one side at most as many
# as the gate counts.
_COUNTED_CRASHES = 10_000
_COUNTED_CRASHES_OF_A_SIDE = 2000
# So many crashed sessions are looked at for when they were marked.
_LATE_LOOKED_AT = 10_000


@dataclass(frozen=True)
class Pair:
    """Figures of all environments; at least one day is of both.

    `minimum` is the fewest sessions on each side for a word, as the project asks for them.
    """

    new: ReleaseFigures
    old: ReleaseFigures
    minimum: int = 0

    @property
    def days(self) -> list[date]:
        return sorted(self.new.days.keys() & self.old.days.keys())


def words_of(connection: Connection, pairs: Sequence[Pair]) -> list[Comparison]:
    """One for each pair."""
    crashes = _count_crashes(connection, pairs)
    words = []
    for number, pair in enumerate(pairs):
        new = pair.new.side_on(pair.days, crashes.get((number, True), Crashes()))
        old = pair.old.side_on(pair.days, crashes.get((number, False), Crashes()))
        both = matched(pair.new, pair.old, pair.days, new, old)
        is_enough = min(new.sessions, old.sessions) >= pair.minimum
        word = word_of(both, both, tolerance=TOLERATED_LOSS)
        words.append(word if is_enough else Comparison.UNDECIDED)
    passing = [pair for pair, word in zip(pairs, words) if word is Comparison.PASS]
    late = _late_shares(connection, passing)
    return [
        Comparison.UNDECIDED if word is Comparison.PASS and _is_late(pair, late) else word
        for pair, word in zip(pairs, words)
    ]


def _is_late(pair: Pair, late: Mapping[int, float]) -> bool:
    return late.get(pair.old.ids.figures, 0) > LATE_MATTERS


@dataclass(frozen=True)
class _Drawn:
    """How the crashes of a side are counted; `halvings`: of a half of its users, a quarter…"""

    days: tuple[date, ...]
    halvings: int

    @property
    def share(self) -> float:
        return 0.5**self.halvings


def _count_crashes(
    connection: Connection, pairs: Sequence[Pair]
) -> dict[tuple[int, bool], Crashes]:
    """By the number of the pair, and whether of its new release; without those that have none."""
    crashed = {
        (number, is_new): sum(side.days[day].crashed for day in pair.days)
        for number, pair in enumerate(pairs)
        for is_new, side in ((True, pair.new), (False, pair.old))
    }
    sides = [key for key, count in crashed.items() if count]
    if not sides:
        return {}
    most = max(1, min(_COUNTED_CRASHES_OF_A_SIDE, _COUNTED_CRASHES // len(sides)))
    drawn = defaultdict(list)
    for key in sides:
        halvings = max(0, math.ceil(math.log2(crashed[key] / most)))
        drawn[_Drawn(tuple(pairs[key[0]].days), halvings)].append(key)
    release_ids = {
        (number, is_new): (pair.new if is_new else pair.old).ids.figures
        for number, pair in enumerate(pairs)
        for is_new in (True, False)
    }
    # One statement, with a part for those that are counted alike.
    parts = [_crashes_of([release_ids[key] for key in alike], how) for how, alike in drawn.items()]
    rows = connection.execute(select(union_all(*parts).subquery()))
    of_release = {release_id: (int(count), int(squares)) for release_id, count, squares in rows}
    return {
        key: Crashes(*(each / how.share for each in of_release.get(release_ids[key], (0, 0))))
        for how, alike in drawn.items()
        for key in alike
    }


def _crashes_of(release_ids: Sequence[int], drawn: _Drawn) -> Select[int, int, int]:
    figures, is_theirs = _crashed_of(release_ids, drawn.days)
    by_user = (
        select(figures.label("release_id"), func.count().label("crashed"))
        .where(
            *is_theirs,
            Session.user_key >= FIRST_KEY,
            Session.user_key < key_below(drawn.share),
        )
        .group_by(figures, Session.user_key)
        .subquery()
    )
    return select(
        by_user.c.release_id,
        func.sum(by_user.c.crashed).label("crashed"),
        func.sum(by_user.c.crashed * by_user.c.crashed).label("squares"),
    ).group_by(by_user.c.release_id)


def _crashed_of(
    release_ids: Sequence[int], days: Iterable[date]
) -> tuple[InstrumentedAttribute[int], tuple[ColumnElement[bool], ...]]:
    """The crashed sessions of releases named by their figures of all environments, and that name:
    a session is in the release of one. Each day is asked for by name, as `gate_figures` does."""
    figures, scope = aliased(Release), aliased(Release)
    release_id: InstrumentedAttribute[int] = figures.id
    return release_id, (
        figures.id.in_(release_ids),
        scope.project_id == figures.project_id,
        scope.name == figures.name,
        scope.environment != ALL_ENVIRONMENTS,
        Session.release_id == scope.id,
        Session.day.in_(sorted(days)),
        IS_CRASHED,
    )


def _late_shares(connection: Connection, pairs: Sequence[Pair]) -> dict[int, float]:
    """Of each old release that crashed: the share that was marked more than 24 h after it began."""
    release_ids, days = [], set()
    most = _LATE_LOOKED_AT // max(1, len(pairs))
    for pair in pairs:
        reached = 0
        for day, kept in sorted(pair.old.days.items(), reverse=True):
            if kept.crashed and reached < most:
                days.add(day)
                reached += kept.crashed
        if reached:
            release_ids.append(pair.old.ids.figures)
    if not release_ids:
        return {}
    figures, is_theirs = _crashed_of(release_ids, days)
    query = select(figures, Session.started_at, Session.ended_at).where(*is_theirs)
    marked: dict[int, list[bool]] = defaultdict(list)
    for release_id, started_at, ended_at in connection.execute(query.limit(_LATE_LOOKED_AT)):
        marked[release_id].append(ended_at is not None and ended_at - started_at > LATE)
    return {release_id: sum(late) / len(late) for release_id, late in marked.items()}
