"""The clock, against the code's age, what is stored, and the database server's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.config import read_settings
from app.domain.times import utc_now
from app.services.instance.doctor import Level
from tests.services.instance.doctor.conftest import LATER

pytestmark = pytest.mark.sqlite_only(
    "the clock is moved, and PostgreSQL has its own: test_postgresql"
)


@pytest.fixture
def at():
    """A clock that stands still."""
    return lambda moment: lambda: moment


def test_clock_that_fits_is_fine(fine, make_feedback):
    make_feedback()
    assert fine("clock") == "It is 2027-01-01T12:00:00Z, which fits what is stored."


def test_clock_before_this_code_was_written_is_told(problem, at):
    message = problem("clock", clock=at(datetime(2015, 1, 1, tzinfo=UTC)))
    assert message.startswith("It is 2015-01-01T00:00:00Z by this machine's clock, before this")
    assert "timedatectl" in message


@pytest.fixture
def make_session(client, project):
    def make():
        report = {"session_id": "123e4567-e89b-12d3-a456-426614174000", "status": "ok"}
        client.post("/sessions", json=report, headers={"X-Pionne-Token": project.token})

    return make


@pytest.mark.parametrize("make", ["make_feedback", "make_event", "make_session", "make_project"])
def test_row_of_the_future_is_told(problem, at, clock, project, request, make):
    make_row = request.getfixturevalue(make)
    clock.advance(days=1)
    make_row()
    message = problem("clock", clock=at(LATER))
    assert "a row is of 2027-01-02T12:00:00Z: the clock is late, or was ahead" in message


def test_feedback_of_the_future_is_named_also_behind_newer_of_today(
    diagnose, at, clock, make_feedback
):
    right = clock.time
    clock.advance(days=40)
    make_feedback(message="of another day")
    clock.time = right
    make_feedback(message="of today")
    told = str(diagnose(clock=at(LATER))["clock"])
    assert "There are 1 feedback of the future" in told
    assert "`pionne-feedback sessions verify --repair`" in told


def test_clocks_of_hosts_may_differ_a_little(fine, at, make_feedback):
    make_feedback()
    fine("clock", clock=at(LATER - timedelta(seconds=50)))


@pytest.fixture
def on_postgresql(diagnose, settings, postgresql_url):
    """What is found by that clock."""
    url = read_settings({"DATABASE_URL": postgresql_url}).database_url

    def run(clock):
        (finding,) = diagnose(replace(settings, database_url=url), clock=clock)["clock"]
        return finding

    return run


def test_clock_of_the_server_that_is_the_same_is_fine(on_postgresql):
    assert on_postgresql(utc_now).level is Level.OK


@pytest.mark.parametrize("hours", [-1, 1])
def test_clock_of_the_server_that_differs_is_told(on_postgresql, hours):
    finding = on_postgresql(lambda: utc_now() + timedelta(hours=hours))
    assert finding.level is Level.WARNING
    assert "differ by 3600 seconds" in finding.message
