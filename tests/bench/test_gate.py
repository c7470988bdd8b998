"""A small table of the release gate: wrong words are rare, right ones come, and none is hidden."""

import numpy as np
import pytest

from bench.gate import histories, staged
from bench.gate.__main__ import main
from bench.gate.histories import Population
from bench.gate.staged import Rollout
from bench.gate.table import measure, rows
from bench.gate.words import History, first_fail, first_pass

ROWS = rows()
# So many histories of so many cells of a row, all of one seed.
CELLS, HISTORIES = 6, 40


def cells_of(row):
    return row.cells[:: max(1, len(row.cells) // CELLS)]


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.limit == 0.025], ids=lambda row: row.history
)
def test_wrong_words_are_rare(row):
    cells = cells_of(row)
    shares = [
        measure(cell, seed=(1, place), count=HISTORIES, is_median=False)
        for place, cell in enumerate(cells)
    ]
    assert not row.misses(sum(shares) / len(shares), HISTORIES * len(shares)), shares


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.is_median or row.is_at_least], ids=lambda row: row.wanted
)
def test_right_words_come(row):
    """With a fifth to spare: so few histories tell no more."""
    for place, cell in enumerate(row.cells):
        reached = measure(cell, seed=(2, place), count=HISTORIES, is_median=row.is_median)
        if row.is_median:
            assert reached <= row.limit * 1.2
        else:
            assert reached >= row.limit * 0.8


@pytest.mark.parametrize("seed", range(20))
def test_no_word_is_screened_away(seed):
    random = np.random.default_rng(seed)
    old_rate = random.choice([0.0, 0.002, 0.02])
    each = int(random.choice([1, 5]))
    sides = [
        Population(sessions=1000, rate=rate, sessions_per_user=each, looping=looping)
        for rate, looping in ((old_rate + random.choice([0.0, 0.03]), 0.05), (old_rate, 0.0))
    ]
    drawn = [histories.draw(random, side, 60) for side in sides]
    for history in (History(new=drawn[0], old=drawn[1]), History(new=drawn[1], old=drawn[0])):
        assert first_fail(history) == first_fail(history, is_screened=False)
        assert first_pass(history) == first_pass(history, is_screened=False)


def test_made_up_users_crash_as_often_as_they_should():
    side = Population(sessions=200_000, rate=0.02, sessions_per_user=10, looping=0.05)
    drawn = histories.draw(np.random.default_rng(3), side, 4)
    assert drawn.sessions[:, 0].tolist() == [50_000, 100_000, 150_000, 200_000]
    assert drawn.crashed[-1, 0] == pytest.approx(200_000 * (0.05 + 0.95 * 0.02), rel=0.03)
    # Who loops has ten crashes in the end, nearly all others one.
    assert drawn.squares[-1] == pytest.approx(1000 * 100 + 3800 * 1.18, rel=0.06)
    assert drawn.users[-1] == 20_000


def test_made_up_rollouts_share_their_days():
    new, old = staged.draw(np.random.default_rng(4), Rollout())
    days = new.sessions[-1] + old.sessions[-1]
    assert days == pytest.approx(np.full(8, 3000), rel=0.1)
    assert new.sessions[-1] / days == pytest.approx(np.array(staged.SHARES), abs=0.03)
    assert new.sessions[: staged.LOOKS_A_DAY * 20 // 24].sum() == 0


def test_command_prints_a_row_for_each_history_and_says_what_is_missed(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--histories", "3", "--cells", "1"])
    printed = capsys.readouterr().out
    lines = [line for line in printed.splitlines() if line.startswith("| ")]
    assert len(lines) == len(ROWS) + 2
    assert ended.value.code == int("missed: " in printed)
