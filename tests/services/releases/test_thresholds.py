"""What releases are judged by, as their project sets it."""

import pytest

from app.domain.release_health import Window
from app.domain.release_slices import SliceBy
from app.services import projects
from app.services.errors import Invalid
from app.services.releases import slices, verdicts


@pytest.fixture
def judge_by(context, project, clock):
    return lambda **values: projects.change(project.id, values, actor=None, now=clock())


@pytest.fixture
def users(record):
    """So many sessions, each of another user, and so many of them crashed."""

    def fill(count, crashed, **fields):
        for number in range(count):
            record("crashed" if number < crashed else "exited", user=f"user {number}", **fields)

    return fill


def test_lines_of_users_decide_where_there_are_users(users, health, judge_by):
    users(200, 4)
    assert health()["1.0"].verdict == "undecided"
    judge_by(users_good_from=0.9, users_warning_from=0.8)
    assert health()["1.0"].verdict == "good"
    judge_by(users_good_from=1.0, users_warning_from=0.999)
    assert health()["1.0"].verdict == "bad"


def test_lines_of_sessions_decide_where_nobody_is_named(record, health, judge_by):
    for number in range(100):
        record("crashed" if number < 10 else "exited")
    judge_by(users_good_from=0.5, users_warning_from=0.4)
    assert health()["1.0"].verdict == "bad"
    judge_by(sessions_good_from=0.5, sessions_warning_from=0.4)
    assert health()["1.0"].verdict == "good"


def test_fewer_than_the_minimum_are_judged_by_nobody(users, health, judge_by):
    users(20, 20)
    assert health()["1.0"].verdict == "bad"
    judge_by(users_minimum=20)
    assert health()["1.0"].verdict == "bad"
    judge_by(users_minimum=21)
    assert health()["1.0"].verdict == "undecided"


def test_slices_are_judged_as_releases_are(users, project, clock, judge_by):
    users(50, 25, os_name="iOS")
    judge_by(users_good_from=0.2, users_warning_from=0.1)
    window = Window(today=clock().date())
    _, sliced = slices.list_page(project.id, window, SliceBy.OS_NAME, limit=10)
    assert sliced["1.0"].slices[0].verdict == "good"


@pytest.mark.parametrize("unit", ["sessions", "users"])
def test_gate_gives_no_word_below_the_minimum(users, project, clock, judge_by, unit):
    users(300, 3, release="1.0")
    users(300, 100, release="2.0")

    def judged():
        window = Window(today=clock().date())
        return verdicts.compare(
            project.id, window, release="2.0", against="1.0", unit=verdicts.Unit(unit)
        )

    assert (judged().verdict, judged().minimum) == ("fail", 0)
    judge_by(**{f"{unit}_minimum": 1000})
    shown = judged()
    assert (shown.verdict, shown.minimum) == ("undecided", 1000)
    assert f"ewer than the 1,000 {unit} that the project asks for" in shown.reason
    assert shown.sessions_needed == (700 if unit == "sessions" else None)
    judge_by(**{f"{unit}_minimum": 300})
    assert judged().verdict == "fail"


@pytest.mark.parametrize("unit", ["sessions", "users"])
def test_fair_above_good_is_refused(judge_by, database_rows, unit):
    judge_by(**{f"{unit}_good_from": 0.9, f"{unit}_warning_from": 0.9})
    with pytest.raises(Invalid) as refused:
        judge_by(**{f"{unit}_warning_from": 0.91})
    assert refused.value.field == f"{unit}_warning_from"
    assert database_rows(f"SELECT {unit}_warning_from FROM projects") == [(0.9,)]
