"""Whether one release is worse than another, and why, in a sentence.

Told from the rows of the report (`app.services.releases.health`); the arithmetic is in
`app.domain.rates`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain import rates
from app.domain.rates import Comparison, Interval, Tally
from app.domain.release_health import ReleaseHealth, Window
from app.services.releases.health import of_releases


@dataclass(frozen=True)
class ReleaseVerdict:
    verdict: Comparison
    reason: str


def compare(project_id: int, window: Window, *, release: str, against: str) -> ReleaseVerdict:
    """Whether `release` is worse than `against`; undecided while the numbers are too small.

    By users, or by sessions where either release has none with a user. A release without sessions
    is no error: a pipeline asks before the first one came.
    """
    rows = of_releases(project_id, window, [release, against])
    return compare_rows(rows, window, release=release, against=against)


def compare_rows(
    report_rows: Sequence[ReleaseHealth], window: Window, *, release: str, against: str
) -> ReleaseVerdict:
    """Compare as `compare` does, with rows of the report that were read already."""
    rows = {row.release: row for row in report_rows}
    missing = [name for name in (release, against) if name not in rows]
    if missing:
        return ReleaseVerdict(
            Comparison.UNDECIDED,
            f"No session of {' or '.join(missing)} began in the last {window.days} days.",
        )
    new, old = rows[release], rows[against]
    by_users = bool(new.users_total and old.users_total)
    unit = "users" if by_users else "sessions"
    new_tally, old_tally = ((row.users if by_users else row.sessions) for row in (new, old))
    verdict, interval = rates.compare(new_tally, old_tally)
    return ReleaseVerdict(verdict, _reason(unit, new_tally, old_tally, verdict, interval))


def _reason(
    unit: str, new: Tally, old: Tally, verdict: Comparison, interval: Interval | None
) -> str:
    said = {
        Comparison.PASS: "surely not worse by more than"
        f" {rates.TOLERATED_LOSS * 100:g} percentage point",
        Comparison.FAIL: "surely worse",
        Comparison.UNDECIDED: "too few to tell",
    }[verdict]
    low, high = interval or (0.0, 0.0)
    return (
        f"Crash-free {unit}: {_share(new)} against {_share(old)}; the difference is between"
        f" {low * 100:+.2f} and {high * 100:+.2f} percentage points (95 %): {said}."
    )


def _share(tally: Tally) -> str:
    rate = rates.crash_free_rate(tally)
    return f"{(rate or 0) * 100:.2f} % of {tally.total}"
