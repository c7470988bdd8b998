"""The list of projects: newest release, the gate's word on it, what waits, in few statements."""

import pytest
from sqlalchemy import event

from app.database import write_transaction
from app.domain.rates import Comparison, Tally
from app.domain.release_health import Window
from app.extensions import db
from app.models import Loss
from app.services import projects
from app.services.pages import projects_at_a_glance
from app.services.releases import verdicts

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def glances(owner, clock):
    """By project; as many as a page shows."""

    def read(limit=50, after=0):
        page = projects_at_a_glance.list_page(owner.id, now=clock(), limit=limit, after=after)
        return {each.id: each for each in page.projects}

    return read


@pytest.fixture
def newest(project, glances):
    return lambda: glances()[project.id].releases.newest


@pytest.fixture
def record_many(record):
    def store(release, *, sessions, crashed, user="", **fields):
        for number in range(sessions):
            status = "crashed" if number < crashed else "exited"
            record(status, release=release, user=f"{user}{number}", **fields)

    return store


def test_project_without_sessions_has_no_newest_release(project, glances):
    glance = glances()[project.id]
    assert glance.releases.newest is None
    assert set(glance.releases.by_day) == {Tally(0, 0)}
    assert (glance.open_feedback, glance.new_issues, glance.losses) == (0, 0, 0)


def test_newest_release_is_the_one_by_version_not_the_one_seen_last(record, newest, clock):
    for release in ("1.10", "1.9", "unknown", "other"):
        record(release=release, user="ann")
        clock.advance(minutes=1)
    assert (newest().name, newest().against) == ("1.10", "1.9")
    assert newest().sessions == Tally(1, 0)


def test_sessions_that_told_no_release_are_the_newest_only_where_there_is_no_other(record, newest):
    record(release="unknown")
    assert newest().name == "unknown"


def test_users_of_several_environments_are_each_counted_once(record, newest):
    record(release="2.0", environment="production", user="ann")
    record("crashed", release="2.0", environment="staging", user="ann")
    assert (newest().users, newest().sessions) == (Tally(1, 1), Tally(2, 1))


def test_release_is_compared_with_one_that_had_sessions_on_one_of_its_days(record, newest, clock):
    record(release="1.0")
    record(release="1.1")
    clock.advance(days=1)
    record(release="1.0")
    record(release="1.2")
    assert newest().against == "1.0"


@pytest.mark.parametrize(
    ("new", "old", "users"),
    [((60, 12), (60, 0), ""), ((60, 3), (60, 0), ""), ((300, 0), (300, 0), "same")],
)
def test_word_is_the_gates(project, record_many, newest, clock, new, old, users):
    for environment in ("production", "staging"):
        for release, (sessions, crashed) in (("1.0", old), ("2.0", new)):
            record_many(
                release,
                sessions=sessions,
                crashed=crashed,
                user=users or f"{release} ",
                environment=environment,
            )
    judged = verdicts.compare(project.id, Window(today=clock().date()), release="2.0")
    assert (newest().word, newest().against) == (judged.verdict, "1.0")
    assert users == "" or judged.verdict is not Comparison.FAIL


def test_word_takes_as_many_sessions_as_the_project_asks_for(project, record_many, newest, clock):
    record_many("1.0", sessions=60, crashed=0)
    record_many("2.0", sessions=60, crashed=30, user="new")
    assert newest().word is Comparison.FAIL
    for minimum, word in ((60, Comparison.FAIL), (61, Comparison.UNDECIDED)):
        projects.change(project.id, {"sessions_minimum": minimum}, actor=None, now=clock())
        assert newest().word is word


def test_project_is_judged_by_its_own_lines(project, make_project, glances, clock):
    other = make_project("Other")
    projects.change(project.id, {"users_good_from": 0.999}, actor=None, now=clock())
    lines = {number: each.judged_by.users.good_from for number, each in glances().items()}
    assert lines == {project.id: 0.999, other.id: 0.99}


def test_looping_user_alone_fails_no_release(record, record_many, newest):
    record_many("1.0", sessions=30, crashed=0)
    record_many("2.0", sessions=30, crashed=0)
    for _ in range(30):
        record("crashed", release="2.0", user="loop")
    assert newest().word is Comparison.UNDECIDED


def test_pass_is_withheld_while_crashes_come_late(record, record_many, newest, clock):
    record_many("1.0", sessions=700, crashed=0)
    for number in range(3):
        record(release="1.0", user=f"late {number}", number=number)
    record_many("2.0", sessions=700, crashed=0, user="new")
    assert newest().word is Comparison.PASS
    clock.advance(days=1, hours=2)
    for number in range(3):
        record("crashed", number=number)
    assert newest().word is not Comparison.PASS


def test_days_are_those_of_all_releases(project, record, glances, clock):
    record(release="1.0")
    record("crashed", release="1.1")
    clock.advance(days=2)
    record(release="1.2")
    *_, first, between, last = glances()[project.id].releases.by_day
    assert (first, between, last) == (Tally(2, 1), Tally(0, 0), Tally(1, 0))


def test_counts_what_waits(project, glances, make_feedback, ingest, clock):
    ingest("old")
    clock.advance(days=7)
    ingest("a"), ingest("a"), ingest("b")
    make_feedback(message="Hello")
    with write_transaction() as connection:
        for day, count in ((clock(), 3), (clock.advance(days=-6), 4), (clock.advance(days=-1), 9)):
            row = {"project_id": project.id, "day": day.date(), "quantity": count}
            kind = {"source": "server", "kind": "event", "reason": "limited"}
            connection.execute(Loss.__table__.insert(), [row | kind])
    clock.advance(days=7)
    glance = glances()[project.id]
    assert (glance.open_feedback, glance.new_issues, glance.losses) == (1, 2, 7)


def test_feedback_is_counted_no_further_than_it_is_shown(
    project, glances, fill_feedback, monkeypatch
):
    monkeypatch.setattr(projects_at_a_glance, "MOST_COUNTED", 10)
    fill_feedback(20)
    assert glances()[project.id].open_feedback == 11


def test_pages_lead_through_all_projects_of_the_account_alone(
    project, make_project, make_account, glances
):
    others = [make_project(f"App {number}").id for number in range(4)]
    make_project("Theirs", owner_id=make_account("other@example.com").id)
    assert list(glances(limit=3)) == [project.id, *others[:2]]
    assert list(glances(limit=3, after=others[1])) == others[2:]


def test_many_projects_take_as_many_statements_as_one(
    project, make_project, record, record_many, glances
):
    sent = []

    def note(connection, cursor, statement, parameters, execution_context, executemany):
        sent.append(statement)

    def fill(project_id):
        for release in ("1.0", "1.1"):
            record_many(release, sessions=3, crashed=1, project_id=project_id)
            record_many(release, sessions=150, crashed=0, project_id=project_id, user="more")

    def count():
        sent.clear()
        event.listen(db.engine, "before_cursor_execute", note)
        glances()
        event.remove(db.engine, "before_cursor_execute", note)
        return len(sent)

    fill(project.id)
    alone = count()
    for number in range(4):
        fill(make_project(f"App {number}").id)
    assert count() == alone <= 12
