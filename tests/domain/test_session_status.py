"""Which of two reports of a session wins."""

import itertools

import pytest

from app.domain.session_status import SessionStatus

# The contract's own words: crashed > abnormal > errored > exited > ok.
WORST_FIRST = ("crashed", "abnormal", "errored", "exited", "ok")
PAIRS = list(itertools.combinations(WORST_FIRST, 2))


def test_there_are_these_five_and_no_others():
    assert {status.value for status in SessionStatus} == set(WORST_FIRST)


@pytest.mark.parametrize(("worse", "better"), PAIRS)
def test_worse_outranks_better(worse, better):
    assert SessionStatus(worse).outranks(SessionStatus(better))


@pytest.mark.parametrize(("worse", "better"), PAIRS)
def test_better_never_outranks_worse(worse, better):
    assert not SessionStatus(better).outranks(SessionStatus(worse))


@pytest.mark.parametrize("status", WORST_FIRST)
def test_no_status_outranks_itself(status):
    assert not SessionStatus(status).outranks(SessionStatus(status))
