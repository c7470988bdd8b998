"""What came while a clock was ahead is bounded, named, and put right with its figures."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import Date, insert, update

from app.database import read_transaction, write_transaction
from app.domain.losses import LossKind
from app.domain.roles import Role
from app.models import Milestone, ProjectMember, SentryId, declared
from app.services import accounts, issues, losses
from app.services.instance import future_repair, future_rows, readiness, retention
from app.services.issues import event_bytes
from app.services.losses import report
from app.services.projects import disk_survey, invitations

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def ahead(clock):
    """Does something under a clock that is so many days ahead, and sets it right."""

    def under(days, *deeds):
        right = clock.time
        clock.advance(days=days)
        for deed in deeds:
            deed()
        clock.time = right

    return under


@pytest.fixture
def found(clock):
    return lambda: {rows.what: rows.count for rows in future_rows.find_in_database(now=clock())}


def days_of_sessions(sql):
    return [day for (day,) in sql("SELECT day FROM sessions ORDER BY id")]


@pytest.mark.parametrize(("days_ahead", "counted_ahead"), [(1, 1), (2, 0), (100, 0)])
def test_session_of_somebody_met_in_the_future_is_at_most_a_day_ahead(
    record, ahead, sql, clock, days_ahead, counted_ahead
):
    ahead(days_ahead, lambda: record(user="ann"))
    record(user="ann")
    assert days_of_sessions(sql)[1] == str(clock().date() + timedelta(days=counted_ahead))


def test_figures_add_up_whatever_comes_after_a_clock_was_ahead(record, ahead, differences, clock):
    ahead(100, lambda: record("crashed", user="ann"), lambda: record(user="bob"))
    for _ in range(2):
        record(user="ann")
        record(user="ann", environment="staging")
        record("crashed", user="bob", environment="staging")
        clock.advance(days=1)
    assert differences() == []


def test_sessions_within_a_day_are_nothing_of_the_future(record, ahead, found):
    ahead(0.9, lambda: record(user="ann"))
    record(user="ann")
    assert found() == {}


def test_rows_of_the_future_are_named_by_readiness_and_cost_nothing_else(
    record, ahead, settings, clock
):
    def check():
        (found,) = [
            each for each in readiness.checks(settings, now=clock()) if each.name == "clock"
        ]
        return found

    record()
    assert check().problem is None
    ahead(100, lambda: record(user="ann"))
    assert "rows of the future" in check().problem
    assert not check().is_vital


POSTED = {
    "sessions": lambda test: test.record(user="ann"),
    "events": lambda test: test.ingest("a"),
    "feedback": lambda test: test.make_feedback(),
    "losses": lambda test: test.lose("feedback"),
    "bytes of events": lambda test: test.keep_bytes(7),
}


@pytest.fixture
def posts(app, record, record_sum, ingest, make_feedback, project, clock):
    """What anybody can post, or have refused, at the clock's time."""

    def lose(kind, *, quantity=1):
        losses.count(
            project.id, kind=LossKind(kind), reason="limited", now=clock(), quantity=quantity
        )
        app.extensions["losses"].flush()

    def keep_bytes(count):
        event_bytes.note_kept(project.id, count, now=clock())
        app.extensions["event_bytes"].flush()

    return SimpleNamespace(
        record=record,
        record_sum=record_sum,
        ingest=ingest,
        make_feedback=make_feedback,
        lose=lose,
        keep_bytes=keep_bytes,
    )


@pytest.mark.parametrize("what", POSTED)
def test_one_look_tells_whether_there_are_some(posts, ahead, clock, what):

    def are_some():
        with read_transaction() as connection:
            return future_rows.are_some(connection, now=clock())

    for post in POSTED.values():
        post(posts)
    assert not are_some()
    ahead(40, lambda: POSTED[what](posts))
    assert are_some()


COLUMNS = [
    (model, column.name)
    for model in declared.all_models()
    for column in future_rows.looked_at(model)
]


@pytest.fixture
def a_row_of_each(posts, project, owner, clock, sql):
    """At least, in each table that has times."""
    for post in POSTED.values():
        post(posts)
    posts.record("crashed", user="ann", number=1)
    posts.record_sum(user="ann", exited=1)
    posts.ingest("a", release="1.0")
    invitations.invite(
        project.id, email="bob@example.com", role=Role.MEMBER, actor=None, now=clock()
    )
    accounts.issue_token(owner.email, client="cli", now=clock())
    retention.note_run(now=clock())
    disk_survey.count_all(now=clock())
    with write_transaction() as connection:
        connection.execute(insert(Milestone), {"name": "reached", "reached_at": clock()})
        joined = {"project_id": project.id, "account_id": owner.id, "role": Role.MEMBER}
        connection.execute(insert(ProjectMember), {**joined, "created_at": clock()})
        known = {"project_id": project.id, "kind": "event", "sentry_id": bytes(16)}
        connection.execute(insert(SentryId), {**known, "received_at": clock()})
    names = {model.__tablename__ for model, _ in COLUMNS}
    assert {name for name in names if not sql(f"SELECT 1 FROM {name}")} == set()


@pytest.mark.parametrize(
    ("model", "name"), COLUMNS, ids=[f"{model.__tablename__}.{name}" for model, name in COLUMNS]
)
def test_each_time_that_is_ahead_is_named_and_put_right(a_row_of_each, found, clock, model, name):
    column = getattr(model, name)
    later = clock() + timedelta(days=100)
    value = later.date() if isinstance(column.type, Date) else later
    with write_transaction() as connection:
        connection.execute(update(model).values({name: value}))

    assert future_rows.words_for(model) in found()
    assert list(future_repair.repair(now=clock()))
    assert found() == {}


@pytest.mark.parametrize(
    ("table", "figure", "what"),
    [("losses", "quantity", "losses"), ("event_days", "content_bytes", "bytes of events")],
)
def test_figures_of_days_to_come_are_added_to_the_day_before(
    posts, ahead, clock, sql, table, figure, what
):
    for days in (0, 30, 31):
        ahead(days, lambda: POSTED[what](posts))
    one = sql(f"SELECT {figure} FROM {table}")[0][0]
    clock.advance(days=2)
    list(future_repair.repair(now=clock()))
    assert sql(f"SELECT day, {figure} FROM {table}") == [("2026-05-07", 3 * one)]


def test_losses_of_days_to_come_are_not_told_as_todays(posts, ahead, project, clock):
    posts.lose("feedback")
    ahead(40, lambda: posts.lose("session", quantity=5))
    told = report.by_day(project.id, today=clock().date(), days=7)
    assert [(row.kind, row.count) for row in told] == [("feedback", 1)]


@pytest.mark.parametrize(
    ("minutes_ahead", "is_duplicate"), [(0, True), (0.5, True), (2, False), (60, False)]
)
def test_feedback_of_a_time_to_come_makes_no_later_one_a_duplicate(
    post_feedback, ahead, sql, minutes_ahead, is_duplicate
):
    """Hosts differ by seconds, and are to know each other's duplicates."""
    ahead(minutes_ahead / 24 / 60, lambda: post_feedback(message="Hi"))
    for _ in range(2):
        assert post_feedback(message="Hi").status_code == 202
        assert sql("SELECT count(*) FROM feedback") == [(1 if is_duplicate else 2,)]


class TestRepair:
    @pytest.fixture
    def repair(self, clock):
        return lambda: list(future_repair.repair(now=clock()))

    def test_puts_sessions_to_the_day_of_those_before_them(
        self, record, ahead, repair, sql, clock, differences, found, health
    ):
        record("exited", user="ann")
        ahead(
            100,
            lambda: record("crashed", user="ann"),
            lambda: record(user="bob", release="2.0", environment="staging"),
        )
        clock.advance(days=3)
        record(user="ann")
        repair()
        today = clock().date()
        first = str(today - timedelta(days=3))
        assert days_of_sessions(sql) == [first, first, first, str(today)]
        assert found() == {}
        assert differences() == []
        row = health()["1.0"]
        assert (row.sessions_total, row.users_total, row.users_crashed) == (3, 1, 1)
        assert health(days=1)["1.0"].users_crashed == 0
        assert health(environment="staging")["2.0"].sessions_total == 1

    def test_puts_sums_to_today_and_to_those_of_today(
        self, record, record_sum, ahead, repair, sql, differences, found, health
    ):
        record("exited", user="ann")
        record_sum(exited=1)
        ahead(
            100,
            lambda: record_sum(exited=1),
            lambda: record_sum(user="ann", crashed=1, unhandled=1),
            lambda: record_sum(user="bob", exited=2, release="2.0", environment="staging"),
        )
        repair()
        assert found() == {}
        assert differences() == []
        row = health(days=1)["1.0"]
        assert (row.sessions_total, row.users_total, row.users_crashed) == (4, 1, 1)
        assert health(days=1, environment="staging")["2.0"].sessions_total == 2

    def test_leaves_nobody_on_the_day_that_was_ahead(self, record, ahead, repair, sql, clock):
        ahead(100, lambda: record(user="ann"))
        repair()
        clock.advance(days=1)
        record(user="ann")
        assert days_of_sessions(sql)[-1] == str(clock().date())

    def test_puts_events_feedback_and_issues_right(
        self, ingest, ahead, repair, found, make_feedback, project, clock
    ):
        ingest("a")
        ahead(50, lambda: ingest("a"), lambda: ingest("b", release="9.0"), make_feedback)
        assert found().keys() >= {"events", "issues", "feedback", "issue releases"}
        clock.advance(hours=2)
        ingest("c")
        repair()
        assert found() == {}
        rows = issues.list_page(project.id, limit=9).rows
        assert [row.last_seen_at for row in rows] == [
            clock(),
            clock() - timedelta(hours=2),
            clock() - timedelta(hours=2),
        ]

    def test_changes_nothing_where_all_is_right(self, record, ingest, repair, clock):
        record(user="ann")
        ingest()
        assert repair() == []

    def test_keeps_figures_from_before_the_sessions_that_are_left(
        self, record, ahead, repair, differences, purge, clock, sql
    ):
        record("crashed", user="ann")
        clock.advance(days=95)
        record(user="ann")
        purge()
        ahead(100, lambda: record(user="bob"))
        repair()
        assert differences() == []


class TestRetention:
    @pytest.fixture
    def refusal(self, settings, clock):
        def ask():
            return retention.refusal(retention.plan(settings, now=clock()), now=clock())

        return ask

    def test_stops_under_a_clock_that_is_ahead(self, record, ingest, refusal, clock):
        for _ in range(3):
            record()
            ingest()
            clock.advance(days=1)
        assert refusal() is None
        clock.advance(days=365)
        told = refusal()
        assert "3 of 3 events" in told
        assert "3 of 3 sessions" in told
        assert f"{date(2027, 5, 10)}" in told

    def test_stops_also_after_a_run_of_another_time(self, ingest, refusal, clock):
        ingest()
        retention.note_run(now=clock())
        clock.advance(days=365)
        assert "the last run was on 2026-05-07" in refusal()

    def test_goes_on_where_it_ran_yesterday_and_little_comes_in(self, ingest, refusal, clock):
        ingest()
        clock.advance(days=30)
        retention.note_run(now=clock())
        clock.advance(days=1)
        assert refusal() is None

    def test_half_of_a_table_is_not_more_than_half(self, ingest, refusal, clock):
        ingest()
        clock.advance(days=31)
        ingest()
        assert refusal() is None
