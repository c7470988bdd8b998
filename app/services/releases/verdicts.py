"""Whether one release crashes more often than another: a word to act on, and all it is made of.

The arithmetic is in `app.domain.release_gate`, what it reads in `gate_figures`. A pipeline may ask
as often as it likes and act on the first word that is not `undecided`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from app.database import read_transaction, snapshot
from app.domain import rates
from app.domain.rates import TOLERATED_LOSS, Comparison, Interval, Tally
from app.domain.release_gate import Judged, Matched, PairedDay, Side, judge
from app.domain.release_gate import reason as reasons
from app.domain.release_gate import weigh
from app.domain.release_gate.gate import LEAST_LOSS
from app.domain.release_health import Window
from app.services.errors import Invalid
from app.services.projects import thresholds
from app.services.releases import gate_figures, predecessor
from app.services.releases.gate_figures import ReleaseFigures

SETTLE_MAX_DAYS = 7
# What a pipeline may tolerate, in crashes a session.
TOLERANCE_LOWEST, TOLERANCE_HIGHEST = 0.0001, 0.5
_SHARE_DIGITS = 6
_EFFECT_DIGITS = 2


class Unit(StrEnum):
    """What is counted: sessions, as often as one likes; users, for one look."""

    SESSIONS = "sessions"
    USERS = "users"


@dataclass(frozen=True, kw_only=True)
class ComparedSide:
    """One release on the days that both have. `crash_rate` is weighed day by day, its interval is
    one of 95 %, of the sessions that are left when each counts once. The effects say how many
    sessions tell as much as one: by what was seen, and with a wary eye."""

    sessions: int
    crashed: int
    users: int
    crash_rate: float
    crash_rate_interval: Interval
    design_effect: float
    wary_design_effect: float


@dataclass(frozen=True, kw_only=True)
class ReleaseVerdict:
    """What could not be compared has no figures.

    `interval` holds the losses that are still possible, in crashes a session: below 0 the new
    release crashes less often. `minimum` is the fewest of the unit on each side for a word, as the
    project asks for them. `settled_until` is the last day that counts for a pass.
    """

    verdict: Comparison
    reason: str
    release: str
    against: str | None
    unit: Unit
    tolerance: float
    minimum: int
    interval: Interval | None = None
    sessions_needed: int | None = None
    new: ComparedSide | None = None
    old: ComparedSide | None = None
    days: tuple[date, ...] = ()
    sliding: bool = False
    settle: int
    settled_until: date
    late: float | None = None


def compare(
    project_id: int,
    window: Window,
    *,
    release: str,
    against: str | None = None,
    unit: Unit = Unit.SESSIONS,
    tolerance: float = TOLERATED_LOSS,
    settle: int = 0,
) -> ReleaseVerdict:
    """Whether `release` crashes more often than `against`; undecided while nobody can tell.

    `against` None: the newest release before it that had sessions on its days. `tolerance` is in
    crashes a session; `settle` leaves so many of the newest days out of a pass. A release without
    sessions is no error: a pipeline asks before the first one came. Raises Invalid where days are
    to settle for users, who are only known up to today.
    """
    if unit is Unit.USERS and settle:
        raise Invalid("settle", "Users are counted up to today: settle must be 0 with unit=users.")
    with snapshot(), read_transaction() as connection:
        judged_by = thresholds.read(connection, project_id)
        lines = judged_by.users if unit is Unit.USERS else judged_by.sessions
        asked = ReleaseVerdict(
            verdict=Comparison.UNDECIDED,
            reason="",
            release=release,
            against=against,
            unit=unit,
            tolerance=tolerance,
            minimum=lines.minimum,
            settle=settle,
            settled_until=window.today - timedelta(days=settle),
        )
        return _answer(connection, project_id, window, asked)


def _answer(
    connection: Connection, project_id: int, window: Window, asked: ReleaseVerdict
) -> ReleaseVerdict:
    new = gate_figures.of_release(connection, project_id, window, asked.release)
    if asked.against is None and new is not None:
        against = predecessor.of_release(
            connection,
            project_id,
            window,
            release=asked.release,
            release_id=new.ids.figures,
            days=new.days,
        )
        if against is None:
            return replace(asked, reason=reasons.nothing_before(asked.release))
        asked = replace(asked, against=against)
    old = asked.against and gate_figures.of_release(connection, project_id, window, asked.against)
    if new is None or not old:
        sides = (asked.release, new), (asked.against, old)
        missing = [name for name, found in sides if name is not None and not found]
        return replace(asked, reason=reasons.no_sessions(missing, window.days))
    asked = replace(
        asked,
        sliding=gate_figures.is_older_than(connection, new.ids, window.first_day),
        late=gate_figures.late_share(connection, old.ids, today=window.today),
        days=tuple(sorted(new.days.keys() & old.days.keys())),
    )
    if not asked.days:
        return replace(asked, reason=reasons.no_common_day(asked.release, asked.against or ""))
    if asked.unit is Unit.USERS:
        return _of_users(asked, new, old)
    return _of_sessions(connection, asked, new, old)


def _of_sessions(
    connection: Connection, asked: ReleaseVerdict, new: ReleaseFigures, old: ReleaseFigures
) -> ReleaseVerdict:
    # Where nothing is to settle, a day past today counts too: clocks of hosts may differ.
    until = asked.settled_until if asked.settle else date.max
    settled_days = tuple(day for day in asked.days if day <= until)
    new_side, new_settled = gate_figures.sides(connection, new, asked.days, settled_until=until)
    old_side, old_settled = gate_figures.sides(connection, old, asked.days, settled_until=until)
    seen = matched(new, old, asked.days, new_side, old_side)
    settled = None
    if new_settled is not None and old_settled is not None:
        settled = matched(new, old, settled_days, new_settled, old_settled)
    judged = judge(seen, settled, tolerance=asked.tolerance)
    is_late = asked.late is not None and asked.late > reasons.LATE_MATTERS
    is_withheld = judged.word is Comparison.PASS and not asked.settle and is_late
    missing = max(0, asked.minimum - new_side.sessions)
    is_too_few = missing > 0 or old_side.sessions < asked.minimum
    word = Comparison.UNDECIDED if is_withheld or is_too_few else judged.word
    needed = judged.needed if judged.needed is None else max(judged.needed, missing)
    newest = max(new.days)
    beside = old.days[newest].sessions if newest in old.days else 0
    told = reasons.Told(
        new=asked.release,
        old=asked.against or "",
        word=word,
        new_rate=seen.counts.new_rate,
        old_rate=seen.counts.old_rate,
        tolerance=asked.tolerance,
        days=len(asked.days),
        needed=needed,
        minimum=asked.minimum if is_too_few else None,
        is_withheld=is_withheld,
        late=asked.late,
        settled_until=asked.settled_until,
        is_settled=settled is not None,
        old_share_of_newest_day=beside / (beside + new.days[newest].sessions),
        has_users=bool(new_side.users and old_side.users),
    )
    return replace(
        asked,
        verdict=word,
        reason=reasons.reason(told),
        interval=_rounded(judged, asked.tolerance),
        sessions_needed=needed,
        new=_compared(new_side, seen.counts.new_sessions, seen.counts.new_crashed),
        old=_compared(old_side, seen.counts.old_sessions, seen.counts.old_crashed),
    )


def matched(
    new: ReleaseFigures, old: ReleaseFigures, days: Sequence[date], new_side: Side, old_side: Side
) -> Matched:
    counts = weigh(
        PairedDay(
            new_sessions=new.days[day].sessions,
            new_crashed=new.days[day].crashed,
            old_sessions=old.days[day].sessions,
            old_crashed=old.days[day].crashed,
        )
        for day in days
    )
    if counts is None:
        raise ValueError("these days are not of both releases")
    return Matched(counts, new_side, old_side)


def _of_users(asked: ReleaseVerdict, new: ReleaseFigures, old: ReleaseFigures) -> ReleaseVerdict:
    """By the share of users who crashed since the first common day, for one look."""
    new_users, old_users = new.users_since(asked.days[0]), old.users_since(asked.days[0])
    word, difference = rates.compare(
        new_users, old_users, tolerance=asked.tolerance, minimum=asked.minimum
    )
    if difference is None:
        return replace(asked, reason=reasons.no_users(asked.release, asked.against or ""))
    low, high = -difference[1], -difference[0]
    return replace(
        asked,
        verdict=word,
        reason=reasons.of_users(
            new_users,
            old_users,
            word,
            loss=(low, high),
            tolerance=asked.tolerance,
            minimum=asked.minimum,
        ),
        interval=_shares((low, high)),
        new=_compared_users(new, asked.days, new_users),
        old=_compared_users(old, asked.days, old_users),
    )


def _compared(side: Side, worth: float, crashed: float) -> ComparedSide:
    """`worth`: how many sessions of one day its sessions tell as much as."""
    effect = side.own_effect
    return ComparedSide(
        sessions=side.sessions,
        crashed=side.crashed,
        users=side.users,
        crash_rate=round(crashed / worth, _SHARE_DIGITS),
        crash_rate_interval=_shares(rates.crash_rate_interval(worth / effect, crashed / effect)),
        design_effect=round(effect, _EFFECT_DIGITS),
        wary_design_effect=round(side.wary_effect, _EFFECT_DIGITS),
    )


def _compared_users(figures: ReleaseFigures, days: Sequence[date], users: Tally) -> ComparedSide:
    side = figures.side_on(days)
    return ComparedSide(
        sessions=side.sessions,
        crashed=side.crashed,
        users=users.total,
        crash_rate=round(users.crashed / users.total, _SHARE_DIGITS),
        crash_rate_interval=_shares(rates.crash_rate_interval(users.total, users.crashed)),
        design_effect=1.0,
        wary_design_effect=1.0,
    )


def _shares(interval: Interval) -> Interval:
    return round(interval[0], _SHARE_DIGITS), round(interval[1], _SHARE_DIGITS)


def _rounded(judged: Judged, tolerance: float) -> Interval:
    """Rounding moves no end over the line that a word was given by."""
    low, high = _shares(judged.interval)
    if judged.word is Comparison.FAIL:
        low = max(low, LEAST_LOSS)
    if judged.interval[1] > tolerance:
        high = max(high, round(tolerance + 10.0**-_SHARE_DIGITS, _SHARE_DIGITS))
    return low, high
