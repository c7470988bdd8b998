"""A crash-free rate as people read it: the number, how sure it is, and which colour that makes.

Rounding never flatters: figures arrive with 4 decimals and are shown with all of them, as percent
with 2, so `99.99 %` stays short of `100 %`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.blueprints.console.releases.charts import RateAxis, Whisker, along, rate_axis, whisker
from app.domain import rates
from app.domain.rates import DEFAULT_LINES, Interval, Lines, Tally, Thresholds, Verdict
from app.domain.release_health import DayHealth, HealthFigures

_BAND_WORDS = {
    Verdict.GOOD: "good",
    Verdict.WARNING: "fair",
    Verdict.BAD: "poor",
    Verdict.UNDECIDED: "unknown",
}
_BLANK = "\N{NO-BREAK SPACE}"
_SECOND_MS = 1000
_MINUTE_MS = 60 * _SECOND_MS
_HOUR_MS = 60 * _MINUTE_MS


@dataclass(frozen=True)
class RateWords:
    """`band` is one of good, fair, poor, unknown; `is_unsure` hatches it.

    `axis`: what its interval is drawn on; None is one of its own, that has room for all of it.
    """

    unit: str
    tally: Tally
    axis: RateAxis | None = None
    lines: Lines = DEFAULT_LINES

    @property
    def rate(self) -> float | None:
        return rates.crash_free_rate(self.tally)

    @property
    def interval(self) -> Interval | None:
        return rates.crash_free_interval(self.tally)

    @property
    def band(self) -> str:
        return _BAND_WORDS[rates.band(self.tally, self.lines)]

    @property
    def is_unsure(self) -> bool:
        return rates.is_uncertain(self.tally, self.lines)

    @property
    def whisker(self) -> Whisker | None:
        if self.rate is None or self.interval is None:
            return None
        return whisker(self.rate, self.interval, self._axis)

    @property
    def limits_along(self) -> list[float]:
        """Where on the axis a colour ends."""
        axis = self._axis
        limits = (self.lines.warning_from, self.lines.good_from)
        return [along(rate, axis) for rate in limits if rate > axis.floor]

    @property
    def _axis(self) -> RateAxis:
        return self.axis or rate_axis([self.interval and self.interval[0]])

    @property
    def label(self) -> str:
        """`good`, or `looks good, too few users to be certain`."""
        if not self.is_unsure:
            return self.band
        return f"looks {self.band}, too few {self.unit}s to be certain"

    @property
    def number(self) -> str:
        return percent(self.rate)

    @property
    def sample(self) -> str:
        """`of 412 users`, to be read after the number."""
        if not self.tally.total:
            return "no session named a user" if self.unit == "user" else "no session"
        return f"of {counted(self.tally.total, self.unit)}"

    @property
    def range(self) -> str | None:
        """`97.10–99.40 % (95 % interval)`"""
        if self.interval is None:
            return None
        return f"{between(*self.interval)} (95{_BLANK}% interval)"


def rates_of(health: HealthFigures, axis: RateAxis | None = None) -> list[RateWords]:
    lines = health.thresholds
    return [
        RateWords("user", health.users, axis, lines.users),
        RateWords("session", health.sessions, axis, lines.sessions),
    ]


def lines_in_words(thresholds: Thresholds) -> str:
    """`Green from 99 %, yellow from 95 %, red below.`, of each unit where they differ."""
    if thresholds.sessions == thresholds.users:
        return f"{_lines(thresholds.sessions, 'sessions or users')}."
    users, sessions = (
        _lines(lines, unit)
        for lines, unit in ((thresholds.users, "users"), (thresholds.sessions, "sessions"))
    )
    return f"Users: {users[0].lower()}{users[1:]}; sessions: {sessions[0].lower()}{sessions[1:]}."


def _lines(lines: Lines, unit: str) -> str:
    least = f"; with fewer than {lines.minimum:,} {unit} it is not certain" if lines.minimum else ""
    return (
        f"Green from {lines.good_from * 100:g}{_BLANK}%,"
        f" yellow from {lines.warning_from * 100:g}{_BLANK}%, red below{least}"
    )


def percent(rate: float | None) -> str:
    """`98.71 %`; 1 and 0, and no others, have no decimals; a dash of nothing."""
    if rate is None:
        return "–"
    return f"{_bare_percent(rate)}{_BLANK}%"


def axis_label(rate: float) -> str:
    """`99.5 %`"""
    return f"{rate * 100:.4g}{_BLANK}%"


def between(low: float, high: float) -> str:
    """`97.10–99.40 %`"""
    return f"{_bare_percent(low)}–{_bare_percent(high)}{_BLANK}%"


def counted(count: int, unit: str) -> str:
    """`1 user`, `1,240 users`"""
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"


def lasting(duration_ms: int | None) -> str:
    """`640 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`: rounded down to the smaller unit."""
    if duration_ms is None:
        return "–"
    if duration_ms < _SECOND_MS:
        return f"{duration_ms} ms"
    if duration_ms < _MINUTE_MS:
        return f"{duration_ms // _SECOND_MS} s"
    if duration_ms < _HOUR_MS:
        return f"{duration_ms // _MINUTE_MS} min {duration_ms % _MINUTE_MS // _SECOND_MS} s"
    return f"{duration_ms // _HOUR_MS:,} h {duration_ms % _HOUR_MS // _MINUTE_MS} min"


def trend_in_words(days: Sequence[DayHealth]) -> str:
    """What somebody who does not see the line learns of it."""
    known = [day for day in days if day.crash_free is not None]
    if not known:
        return "No session on any of these days."
    worst = min(known, key=lambda day: day.crash_free or 0)
    sessions = counted(worst.sessions, "session")
    return (
        f"Sessions on {len(known)} of {counted(len(days), 'day')};"
        f" lowest {percent(worst.crash_free)} of {sessions} on {day_name(worst)},"
        f" last {percent(known[-1].crash_free)} on {day_name(known[-1])}."
    )


def shared_in_words(days: Sequence[DayHealth]) -> str:
    """What a release's adoption is a share of."""
    among = next((day.shared_among for day in days), None)
    if among is None:
        return "the project's sessions"
    return f"the sessions of the {counted(among, 'release')} seen last"


def adoption_in_words(days: Sequence[DayHealth]) -> str:
    known = [day for day in days if day.adoption is not None]
    if not known:
        return "No session of any release on any of these days."
    most = max(known, key=lambda day: day.adoption or 0)
    return (
        f"Share of {shared_in_words(days)}: highest {percent(most.adoption)} on {day_name(most)},"
        f" last {percent(known[-1].adoption)} on {day_name(known[-1])}."
    )


def day_name(day: DayHealth) -> str:
    """`7 May`"""
    return date_name(day.day)


def date_name(day: date) -> str:
    return f"{day.day} {day:%b}"


def _bare_percent(rate: float) -> str:
    return f"{rate:.0%}"[:-1] if rate in (0, 1) else f"{rate * 100:.2f}"
