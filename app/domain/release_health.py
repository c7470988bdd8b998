"""What a release-health report is made of: its window, the figures of a release and of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain import rates
from app.domain.rates import DEFAULT_THRESHOLDS, Interval, Tally, Thresholds, Verdict

DEFAULT_DAYS = 14
MAX_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Window:
    """What a report looks at; an environment of None means all of them together."""

    today: date
    days: int = DEFAULT_DAYS
    environment: str | None = None

    @property
    def first_day(self) -> date:
        return self.today - timedelta(days=self.days - 1)

    @property
    def each_day(self) -> list[date]:
        """The oldest first."""
        return [self.first_day + timedelta(days=number) for number in range(self.days)]


@dataclass(frozen=True, kw_only=True)
class HealthFigures:
    """Sessions and users of something in one window; the statuses add up to the total."""

    sessions_ok: int
    sessions_exited: int
    sessions_errored: int
    sessions_abnormal: int
    sessions_crashed: int
    users_total: int
    users_crashed: int
    thresholds: Thresholds = DEFAULT_THRESHOLDS

    @property
    def sessions(self) -> Tally:
        total = (
            self.sessions_ok
            + self.sessions_exited
            + self.sessions_errored
            + self.sessions_abnormal
            + self.sessions_crashed
        )
        return Tally(total, self.sessions_crashed)

    @property
    def users(self) -> Tally:
        return Tally(self.users_total, self.users_crashed)

    @property
    def sessions_total(self) -> int:
        return self.sessions.total

    @property
    def crash_free_sessions(self) -> float | None:
        return rates.crash_free_rate(self.sessions)

    @property
    def crash_free_users(self) -> float | None:
        return rates.crash_free_rate(self.users)

    @property
    def crash_free_sessions_interval(self) -> Interval | None:
        return rates.crash_free_interval(self.sessions)

    @property
    def crash_free_users_interval(self) -> Interval | None:
        return rates.crash_free_interval(self.users)

    @property
    def verdict(self) -> Verdict:
        """Of the users' rate; of the sessions' where no session named a user."""
        if self.users_total:
            return rates.judge(self.users, self.thresholds.users)
        return rates.judge(self.sessions, self.thresholds.sessions)


@dataclass(frozen=True, kw_only=True)
class ReleaseHealth(HealthFigures):
    """The figures of one release."""

    release: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class DayHealth:
    """One day of a release: sessions that began then, and the users who began them."""

    day: date
    ok: int = 0
    exited: int = 0
    errored: int = 0
    abnormal: int = 0
    crashed: int = 0
    users: int = 0
    # Of all releases, the same day and scope; or of so many seen last and this one, where there are
    # more: then the share is one of theirs.
    project_sessions: int
    shared_among: int | None = None

    @property
    def sessions(self) -> int:
        return self.ok + self.exited + self.errored + self.abnormal + self.crashed

    @property
    def tally(self) -> Tally:
        return Tally(self.sessions, self.crashed)

    @property
    def crash_free(self) -> float | None:
        return rates.crash_free_rate(self.tally)

    @property
    def crash_free_interval(self) -> Interval | None:
        return rates.crash_free_interval(self.tally)

    @property
    def adoption(self) -> float | None:
        """This release's share of the day's sessions; None on a day without any."""
        if not self.project_sessions:
            return None
        return round(self.sessions / self.project_sessions, rates.RATE_DIGITS)


def adoption_over(days: Sequence[DayHealth]) -> float | None:
    """The release's share of all sessions of these days; None where there were none."""
    project_sessions = sum(day.project_sessions for day in days)
    if not project_sessions:
        return None
    return round(sum(day.sessions for day in days) / project_sessions, rates.RATE_DIGITS)


def tally_over(days: Sequence[DayHealth]) -> Tally:
    """The sessions of these days together; users cannot be added up, as they may come back."""
    return Tally(sum(day.sessions for day in days), sum(day.crashed for day in days))


@dataclass(frozen=True)
class Durations:
    """Percentiles (nearest rank) of sessions that ended with a known duration.

    Of so many newest sessions, `among`; None: of all.
    """

    p50_ms: int | None
    p95_ms: int | None
    among: int | None = None
