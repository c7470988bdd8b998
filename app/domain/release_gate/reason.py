"""A verdict in one sentence that needs no statistics, and what to do where something is missing."""

from dataclasses import dataclass
from datetime import date

from app.domain.rates import Comparison, Interval, Tally

# From this share of late crashes on, days without settling look healthier than they were.
LATE_MATTERS = 0.02
# Of its sessions on the new release's newest day: with so few, waiting adds next to nothing.
_GONE_BELOW = 0.05
# A tolerance of more than twice the old rate lets a release pass that crashes three times as often.
_COARSE_FROM = 2


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a sentence is made of; rates are shares of sessions, weighed day by day."""

    new: str
    old: str
    word: Comparison
    new_rate: float
    old_rate: float
    tolerance: float
    days: int
    needed: int | None
    minimum: int | None  # the fewest sessions the project asks for, where one side has fewer
    is_withheld: bool  # late crashes keep it from passing
    late: float | None
    settled_until: date
    is_settled: bool  # whether any day is
    old_share_of_newest_day: float
    has_users: bool


def reason(told: Told) -> str:
    sentence = _BY_WORD[told.word](told)
    return f"{sentence}{_without_users(told)}."


def no_sessions(names: list[str], days: int) -> str:
    return f"No session of {' or '.join(names)} began in the last {days} days."


def nothing_before(new: str) -> str:
    return (
        f"No older release had sessions on the days of {new}, so there is nothing to compare it"
        " with; name a release with against=."
    )


def no_common_day(new: str, old: str) -> str:
    return (
        f"{new} and {old} had no sessions on the same day, and only sessions of one day are"
        " compared; let both run side by side for a while."
    )


def no_users(new: str, old: str) -> str:
    return f"No session of {new} or of {old} names its user on their common days."


def of_users(
    new: Tally,
    old: Tally,
    word: Comparison,
    *,
    loss: Interval,
    tolerance: float,
    minimum: int = 0,
) -> str:
    """Of the shares of users who crashed; their interval holds for one look."""
    too_few = "too few users to be certain"
    if min(new.total, old.total) < minimum:
        too_few = f"fewer than the {minimum:,} users that the project asks for on each side"
    said = {
        Comparison.PASS: f"surely not worse by more than {_percent(tolerance)}",
        Comparison.FAIL: "surely worse",
        Comparison.UNDECIDED: too_few,
    }[word]
    shares = [f"{_percent(each.crashed / each.total)} of {each.total:,}" for each in (new, old)]
    return (
        f"Users who crashed: {shares[0]} against {shares[1]}; the difference is between"
        f" {loss[0] * 100:+.2f} and {loss[1] * 100:+.2f} percentage points (95 %): {said}. This is"
        " for one look: who asks again and again until a word comes is told a wrong one more often."
    )


def _fail(told: Told) -> str:
    return f"{told.new} crashes more often than {told.old}: {_rates(told)}"


def _pass(told: Told) -> str:
    return (
        f"{told.new} does not crash noticeably more often than {told.old}: {_rates(told)};"
        f" a loss of {_percent(told.tolerance)} is excluded{_coarse(told)}"
    )


def _undecided(told: Told) -> str:
    if told.minimum is not None:
        return (
            f"Fewer than the {told.minimum:,} sessions that the project asks for on each side:"
            f" {_rates(told)}"
        )
    if told.is_withheld:
        return (
            f"{told.new} looks no worse than {told.old}, but {_percent(told.late or 0)} of the"
            f" crashes of {told.old} were reported more than a day late, so newest days look"
            " healthier than they were: ask with settle=2"
        )
    if not told.is_settled:
        return (
            f"No day that {told.new} and {told.old} have in common is settled yet (up to"
            f" {told.settled_until.isoformat()}), so {told.new} cannot pass: {_rates(told)}"
        )
    return f"Too few sessions to be certain: {_rates(told)}; {_missing(told)}{_coarse(told)}"


_BY_WORD = {
    Comparison.FAIL: _fail,
    Comparison.PASS: _pass,
    Comparison.UNDECIDED: _undecided,
}


def _rates(told: Told) -> str:
    days = "the same day" if told.days == 1 else f"the same {told.days} days"
    return (
        f"{_percent(told.new_rate)} of its sessions crashed against {_percent(told.old_rate)}"
        f" on {days}"
        if told.word is not Comparison.UNDECIDED
        else f"{_percent(told.new_rate)} of the sessions of {told.new} crashed and"
        f" {_percent(told.old_rate)} of those of {told.old} on {days}"
    )


def _missing(told: Told) -> str:
    if told.old_share_of_newest_day < _GONE_BELOW:
        return (
            f"hardly anybody uses {told.old} any more, so waiting adds little: hold a rollout"
            " earlier, until a word comes"
        )
    if told.needed is None:
        return "as it goes now, no number of sessions within reach decides it"
    return f"about {told.needed:,} more sessions of {told.new} may decide it"


def _coarse(told: Told) -> str:
    if told.tolerance <= _COARSE_FROM * told.old_rate:
        return ""
    return (
        f"; the tolerance is more than twice the rate of {told.old}, so even a release that crashes"
        f" {_times(told)} as often would pass: a smaller one tells more"
    )


def _times(told: Told) -> str:
    if not told.old_rate:
        return "many times"
    return f"{1 + told.tolerance / told.old_rate:.0f} times"


def _without_users(told: Told) -> str:
    if told.has_users:
        return ""
    return "; no session names its user, so each is taken for another person's"


def _percent(share: float) -> str:
    """`1.90 %`; below 0.1 % with as many digits as it takes to see it."""
    digits = 2 if share == 0 or share >= 0.001 else 3
    return f"{share * 100:.{digits}f} %"
