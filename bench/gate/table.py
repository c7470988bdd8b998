"""The rows of the table: which releases are made up, what is asked of them, and what is reached."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from bench.gate import histories, staged
from bench.gate.histories import Population
from bench.gate.staged import Rollout
from bench.gate.words import History, first_fail, first_pass

WRONG_AT_MOST = 0.025
_LOOKS = 288
_RATES = (0.0005, 0.002, 0.01, 0.03)
_SIZES = (500, 5000, 50_000)
_OLD_TIMES = (1, 10, 0.1)
_LOOPING = 0.05
_DEVIATIONS = 3
_SETTLED_AFTER_DAYS = 2

Draw = Callable[[np.random.Generator], History]
# What became of one history: whether the word came, or after how many new sessions; None: never.
Ask = Callable[[History], float | None]


@dataclass(frozen=True)
class Cell:
    name: str
    draw: Draw
    ask: Ask


@dataclass(frozen=True, kw_only=True)
class Row:
    """`wanted` compares what is reached, a share or a median, with `limit`."""

    history: str
    wanted: str
    cells: Sequence[Cell]
    limit: float
    is_median: bool = False
    is_at_least: bool = False

    def misses(self, reached: float, histories_of_cell: int) -> bool:
        """A wrong word's share may be above its limit by three standard errors in one cell."""
        if self.is_at_least:
            return reached < self.limit
        if self.is_median:
            return reached > self.limit
        error = (self.limit * (1 - self.limit) / histories_of_cell) ** 0.5
        return reached > self.limit + _DEVIATIONS * error


def measure(cell: Cell, *, seed: Sequence[int], count: int, is_median: bool) -> float:
    """A share of the histories, or the median number of sessions; infinite where most had none."""
    random = np.random.default_rng(seed)
    found = [cell.ask(cell.draw(random)) for _ in range(count)]
    if not is_median:
        return sum(each is not None for each in found) / count
    return statistics.median(np.inf if each is None else each for each in found)


def ever_fails(history: History) -> float | None:
    return first_fail(history)


def ever_passes(history: History) -> float | None:
    return first_pass(history)


def passes_first(history: History) -> float | None:
    passed, failed = first_pass(history), first_fail(history)
    return None if passed is None or (failed is not None and failed <= passed) else passed


def sessions_until_fail(history: History) -> float | None:
    return _sessions(history, first_fail(history))


def sessions_until_pass(history: History) -> float | None:
    return _sessions(history, first_pass(history))


def _sessions(history: History, look: int | None) -> float | None:
    return None if look is None else float(history.new.sessions[look].sum())


def _beside(
    new: Population, old: Population, *, tolerance: float = 0.01, looks: int = _LOOKS
) -> Draw:
    def draw(random: np.random.Generator) -> History:
        sides = (histories.draw(random, side, looks) for side in (new, old))
        return History(new=next(sides), old=next(sides), tolerance=tolerance)

    return draw


def _rolled_out(rollout: Rollout, *, settle: int | None = None) -> Draw:
    def draw(random: np.random.Generator) -> History:
        new, old = staged.draw(random, rollout)
        days = np.arange(len(new.users)) // staged.LOOKS_A_DAY
        settled = None if settle is None else np.maximum(0, days + 1 - settle)
        return History(new=new, old=old, settled_days=settled)

    return draw


def _pairs(
    *, sizes: Sequence[int] = _SIZES, in_a_row: bool = False
) -> Iterator[tuple[str, Population, Population]]:
    users = product((1, 10), (1, 10))
    for rate, (new_each, old_each), looping, size, times in product(
        _RATES, users, (0.0, _LOOPING), sizes, _OLD_TIMES
    ):
        new = Population(
            sessions=size,
            rate=rate,
            sessions_per_user=new_each,
            looping=looping,
            in_a_row=in_a_row,
        )
        old = Population(
            sessions=int(size * times),
            rate=rate,
            sessions_per_user=old_each,
            looping=looping,
            in_a_row=in_a_row,
        )
        name = (
            f"{rate:.2%}, {new_each}|{old_each} a user, {size:,} beside {old.sessions:,}"
            f"{', loops' if looping else ''}"
        )
        yield name, new, old


def _wrong(
    pairs: Iterator[tuple[str, Population, Population]], *, loss: float, looks: int = _LOOKS
) -> list[Cell]:
    """Equal releases that may not fail, or losses of the tolerance that may not pass."""
    ask = ever_passes if loss else ever_fails
    return [
        Cell(name, _beside(new.worse_by(loss) if loss else new, old, looks=looks), ask)
        for name, new, old in pairs
    ]


def _staged(loss: float) -> list[Cell]:
    ask = ever_passes if loss else ever_fails
    return [
        Cell(
            f"weekends × {weekend:g}, {each} a user{', loops' if looping else ''}",
            _rolled_out(
                Rollout(loss=loss, weekend=weekend, sessions_per_user=each, looping=looping)
            ),
            ask,
        )
        for weekend, each, looping in product((1, 2, 0.5), (1, 3), (0.0, _LOOPING))
    ]


def _power(
    new_rate: float, old_rate: float, *, sessions: int, times: float = 1, each: int = 1, looks: int
) -> Draw:
    new = Population(sessions=sessions, rate=new_rate, sessions_per_user=each)
    old = Population(sessions=int(sessions * times), rate=old_rate, sessions_per_user=each)
    return _beside(new, old, looks=looks)


def _late(hours: float, settle: int) -> Cell:
    rollout = Rollout(rate=0.01, loss=0.01, is_even=True, late_hours=hours)
    return Cell(
        f"{hours:g} h late, settle={settle}", _rolled_out(rollout, settle=settle), ever_passes
    )


def rows() -> list[Row]:
    equal = dict(wanted="ever `fail` ≤ 2.5 %", limit=WRONG_AT_MOST)
    tolerated = dict(wanted="ever `pass` ≤ 2.5 %", limit=WRONG_AT_MOST)
    median_fail = dict(is_median=True)
    short = [pair for pair in _pairs(sizes=(5000,)) if "beside 5,000" in pair[0]]
    first_new = Population(sessions=1000, rate=0.019)
    second = (
        Population(sessions=10_000, rate=0.002, sessions_per_user=10),
        Population(sessions=1000, rate=0.002),
    )

    def first_old(sessions: int) -> Population:
        return Population(sessions=sessions, rate=0.0041)

    return [
        Row(history="equal, 288 looks", cells=_wrong(_pairs(), loss=0), **equal),
        Row(
            history="a loss of the tolerance, 288 looks",
            cells=_wrong(_pairs(), loss=0.01),
            **tolerated,
        ),
        Row(history="equal, staged over 8 days", cells=_staged(0), **equal),
        Row(history="a loss of the tolerance, staged", cells=_staged(0.01), **tolerated),
        Row(
            history="a loss of the tolerance, crashes told late",
            cells=[_late(24, _SETTLED_AFTER_DAYS), _late(8, 1)],
            **tolerated,
        ),
        Row(
            history="equal, a look at each of 5,000 sessions",
            cells=_wrong(iter(short), loss=0, looks=5000),
            **equal,
        ),
        Row(
            history="a loss of the tolerance, the same",
            cells=_wrong(iter(short), loss=0.01, looks=5000),
            **tolerated,
        ),
        Row(
            history="equal, a user's sessions in a row",
            cells=_wrong(_pairs(sizes=(5000,), in_a_row=True), loss=0),
            **equal,
        ),
        Row(
            history="a loss of the tolerance, the same",
            cells=_wrong(_pairs(sizes=(5000,), in_a_row=True), loss=0.01),
            **tolerated,
        ),
        *(
            Row(
                history=f"0.5 → 3 %, {name}",
                wanted=f"`fail` by {limit} (median)",
                cells=[
                    Cell(
                        name,
                        _power(0.03, 0.005, sessions=2000, times=times, looks=400),
                        sessions_until_fail,
                    )
                ],
                limit=limit,
                **median_fail,
            )
            for name, times, limit in (("old 10x", 10, 250), ("old equal", 1, 450))
        ),
        Row(
            history="1 → 2 %, old equal, 1 or 3 sessions a user",
            wanted="`fail` within 5,000 in ≥ 80 %",
            cells=[
                Cell(
                    f"{each} a user",
                    _power(0.02, 0.01, sessions=5000, each=each, looks=_LOOKS),
                    ever_fails,
                )
                for each in (1, 3)
            ],
            limit=0.8,
            is_at_least=True,
        ),
        Row(
            history="1 → 2 %, old equal, 10 sessions a user",
            wanted="`fail` within 10,000 in ≥ 95 %",
            cells=[
                Cell(
                    "10 a user",
                    _power(0.02, 0.01, sessions=10_000, each=10, looks=_LOOKS),
                    ever_fails,
                )
            ],
            limit=0.95,
            is_at_least=True,
        ),
        *(
            Row(
                history=f"{rate:.1%} → {rate:.1%}, old equal or 10x",
                wanted=f"`pass` by {limit:,} (median)",
                cells=[
                    Cell(
                        name,
                        _power(rate, rate, sessions=6000, times=times, looks=600),
                        sessions_until_pass,
                    )
                    for name, times in (("old equal", 1), ("old 10x", 10))
                ],
                limit=limit,
                is_median=True,
            )
            for rate, limit in ((0.01, 2500), (0.002, 900))
        ),
        Row(
            history="0.41 → 1.90 %, 1,000 beside 615",
            wanted="`pass` first ≤ 2.5 %",
            cells=[Cell("615", _beside(first_new, first_old(615)), passes_first)],
            limit=WRONG_AT_MOST,
        ),
        Row(
            history="0.41 → 1.90 %, 1,000 beside 615",
            wanted="`fail` in ≥ 40 %",
            cells=[Cell("615", _beside(first_new, first_old(615)), ever_fails)],
            limit=0.4,
            is_at_least=True,
        ),
        Row(
            history="0.41 → 1.90 %, 2,000 a side",
            wanted="`fail` in ≥ 90 %",
            cells=[
                Cell(
                    "2,000",
                    _beside(Population(sessions=2000, rate=0.019), first_old(2000)),
                    ever_fails,
                )
            ],
            limit=0.9,
            is_at_least=True,
        ),
        Row(
            history="0.2 %, ten sessions a new user, one an old one",
            cells=[Cell("fail", _beside(*second), ever_fails)],
            **equal,
        ),
        Row(
            history="the same",
            wanted="`pass` in ≥ 90 %",
            cells=[Cell("pass", _beside(*second), ever_passes)],
            limit=0.9,
            is_at_least=True,
        ),
    ]
