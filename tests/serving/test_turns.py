"""Who is given to a thread, and when; connections are numbers here."""

import random

import pytest

from app.serving.turns import Turns


@pytest.fixture
def begun() -> list[int]:
    return []


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_no_more_are_in_threads_than_may(begun, at_once):
    turns = Turns(at_once=at_once, begin=begun.append)
    for conn in range(9):
        turns.ask(conn)
    assert begun == list(range(at_once))
    assert turns.waiting == tuple(range(at_once, 9))


def test_whoever_leaves_lets_the_first_in_line_begin(begun):
    turns = Turns(at_once=2, begin=begun.append)
    for conn in range(4):
        turns.ask(conn)
    turns.leave(1)
    assert begun == [0, 1, 2]
    assert [turns.has(conn) for conn in range(4)] == [True, False, True, False]


def test_it_is_busy_until_the_last_has_left(begun):
    turns = Turns(at_once=1, begin=begun.append)
    busy = [turns.is_busy]
    for change, conn in ((turns.ask, 0), (turns.ask, 1), (turns.leave, 0), (turns.leave, 1)):
        change(conn)
        busy.append(turns.is_busy)
    assert busy == [False, True, True, True, False]


def test_whoever_had_no_turn_lets_nobody_begin(begun):
    turns = Turns(at_once=1, begin=begun.append)
    for conn in range(3):
        turns.ask(conn)
    turns.leave(2)
    turns.leave(7)
    assert begun == [0]


@pytest.mark.parametrize("seed", range(20))
def test_all_who_ask_begin_in_their_order_whoever_is_done_first(begun, seed):
    chance = random.Random(seed)
    at_once = chance.randint(1, 4)
    turns = Turns(at_once=at_once, begin=begun.append)
    asked, left = 0, set()
    while len(left) < 50:
        running = [conn for conn in begun if conn not in left]
        assert len(running) == min(at_once, asked - len(left))
        if asked < 50 and (not running or chance.random() < 0.5):
            turns.ask(asked)
            asked += 1
        else:
            left.add(gone := chance.choice(running))
            turns.leave(gone)
    assert begun == list(range(50))
