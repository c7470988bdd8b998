"""Whether a release is worse than the one before, by its kept figures."""

import pytest

from app.domain.release_health import Window
from app.services.releases import verdicts


@pytest.fixture
def fill(record, health, sql):
    """A release with so many sessions of so many users, written straight into its figures."""

    def release(name, *, sessions=0, crashed=0, users=0, users_crashed=0):
        record(release=name)
        sql(
            "UPDATE release_days SET ok = ?, crashed = ?, users_newest = ?,"
            " users_newest_crashed = ?"
            " WHERE release_id IN (SELECT id FROM releases WHERE name = ?)",
            *(sessions - crashed, crashed, users, users_crashed, name),
        )

    return release


@pytest.fixture
def compare(project, clock):
    def judge(release="2.0", against="1.0", **narrowed):
        window = Window(today=clock().date(), **narrowed)
        return verdicts.compare(project.id, window, release=release, against=against)

    return judge


@pytest.mark.parametrize(
    ("release", "against", "missing"),
    [("2.0", "3.0", "2.0 or 3.0"), ("2.0", "1.0", "2.0"), ("1.0", "2.0", "2.0")],
)
def test_missing_release_is_undecided_and_named(fill, compare, release, against, missing):
    fill("1.0", sessions=1000)
    judged = compare(release, against)
    assert judged.verdict == "undecided"
    assert judged.reason == f"No session of {missing} began in the last 14 days."


@pytest.mark.parametrize(
    ("crashed", "verdict", "ending"),
    [
        (5, "pass", "surely not worse by more than 1 percentage point."),
        (100, "fail", "surely worse."),
        (12, "undecided", "too few to tell."),
    ],
)
def test_users_decide_where_both_have_them(fill, compare, crashed, verdict, ending):
    fill("1.0", sessions=9000, crashed=4000, users=1000, users_crashed=5)
    fill("2.0", sessions=9000, crashed=10, users=1000, users_crashed=crashed)
    judged = compare()
    assert judged.verdict == verdict
    assert judged.reason.startswith("Crash-free users: ")
    assert judged.reason.endswith(ending)


@pytest.mark.parametrize("with_users", ["1.0", "2.0"])
def test_sessions_decide_where_one_has_no_user(fill, compare, with_users):
    for name, crashed in (("1.0", 5), ("2.0", 100)):
        users = 1000 if name == with_users else 0
        fill(name, sessions=1000, crashed=crashed, users=users)
    judged = compare()
    assert judged.verdict == "fail"
    assert judged.reason.startswith("Crash-free sessions: ")


def test_reason_gives_both_rates_and_the_interval_of_their_difference(fill, compare):
    fill("1.0", sessions=1, users=412, users_crashed=2)
    fill("2.0", sessions=1, users=10, users_crashed=1)
    assert compare().reason == (
        "Crash-free users: 90.00 % of 10 against 99.51 % of 412; the difference is between"
        " -39.93 and -1.21 percentage points (95 %): too few to tell."
    )


def test_only_the_window_counts(fill, compare, clock):
    fill("1.0", sessions=1000)
    clock.advance(days=3)
    fill("2.0", sessions=1000)
    assert compare(days=4).verdict == "pass"
    assert compare(days=3).reason == "No session of 1.0 began in the last 3 days."


def test_only_the_environment_counts(fill, compare):
    fill("1.0", sessions=1000)
    fill("2.0", sessions=1000)
    assert compare(environment="production").verdict == "pass"
    assert compare(environment="staging").verdict == "undecided"


def test_release_passes_against_itself_once_there_is_enough_of_it(fill, compare):
    fill("1.0", sessions=1000, crashed=1)
    assert compare("1.0", "1.0").verdict == "pass"
