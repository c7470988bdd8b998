"""Lists read the rows they show and no others, however large the table is."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from app.database import read_transaction
from app.domain.feedback_status import FeedbackStatus
from app.domain.issue_cursor import IssueCursor
from app.domain.issue_status import EventLevel, IssueStatus
from app.domain.native_crash import NativeCrash
from app.domain.release_cursor import ReleaseCursor
from app.domain.release_health import Window
from app.domain.release_slices import SliceBy
from app.domain.user_key import user_key
from app.extensions import db
from app.services import issues
from app.services.feedback import triage
from app.services.pages import projects_at_a_glance, release_detail
from app.services.releases import crashes, durations
from app.services.releases import health as release_health
from app.services.releases import overview as release_overview
from app.services.releases import past_health, slices, verdicts
from app.services.sessions import native_crashes

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.sqlite_only("PostgreSQL's plans are in test_query_plans_of_postgresql"),
]


@pytest.fixture
def statements(context):
    """Every statement that is sent to SQLite, with its parameters."""
    sent = []

    def note(connection, cursor, statement, parameters, execution_context, executemany):
        sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def plan(statement, parameters):
    """SQLite's steps for a statement, as words."""
    with read_transaction() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row.detail for row in rows]


INBOX = "SEARCH feedback USING INDEX ix_feedback_inbox (project_id=?"
STATUS = "SEARCH feedback USING INDEX ix_feedback_status (project_id=? AND status=?"
ALL = "SEARCH feedback USING INDEX ix_feedback_all (project_id=?"
# Of each row that is read, whether its issue is merged into another.
ITS_ISSUE = ["CORRELATED SCALAR SUBQUERY 1", "SEARCH issues_1 USING INTEGER PRIMARY KEY (rowid=?)"]


@pytest.mark.parametrize("before", [None, 50])
@pytest.mark.parametrize(
    ("narrowed", "step"),
    [
        ({}, INBOX),
        ({"include_archived": True}, ALL),
        *[({"status": status}, STATUS) for status in FeedbackStatus],
        ({"status": FeedbackStatus.OPEN, "include_archived": True}, STATUS),
    ],
)
def test_newest_100_are_read_from_an_index_in_order(project, statements, narrowed, step, before):
    triage.list_page(project.id, limit=100, before=before, **narrowed)
    steps = plan(*statements[-1])
    assert steps == [step + (" AND id<?)" if before else ")"), *ITS_ISSUE]


@pytest.mark.parametrize("before", [None, 50])
@pytest.mark.parametrize("narrowed", [{}, {"status": FeedbackStatus.OPEN}], ids=str)
def test_search_reads_the_texts_in_order_and_looks_rows_up(project, statements, narrowed, before):
    """And not the other way round, nor all before the first is known."""
    triage.list_page(project.id, limit=100, words=("needle",), before=before, **narrowed)
    from_there = " AND feedback_id<?" if before else ""
    assert plan(*statements[-1]) == [
        f"SEARCH feedback_texts USING PRIMARY KEY (project_id=?{from_there})",
        "SEARCH feedback USING INTEGER PRIMARY KEY (rowid=?)",
        *ITS_ISSUE,
    ]


def test_condition_of_the_inbox_is_written_out_for_databases_that_plan_before_they_bind(
    project, statements
):
    """SQLite peeks at bound values; PostgreSQL's generic plans cannot."""
    triage.list_page(project.id, limit=100)
    assert "status != 'archived'" in statements[-1][0]


def test_statistics_do_not_change_the_plan(project, statements, fill_feedback):
    """SQLite might prefer another index once it knows how the rows are spread."""
    fill_feedback(2000, status="archived")
    fill_feedback(20)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    db.engine.dispose()
    triage.list_page(project.id, limit=100)
    assert plan(*statements[-1]) == [INBOX + ")", *ITS_ISSUE]


@pytest.fixture
def traced(context):
    """Every statement that SQLite runs, whoever sent it, with the values written in."""
    ran = []

    def watch(connection, record, proxy):
        connection.set_trace_callback(ran.append)

    def unwatch(connection, record):
        connection.set_trace_callback(None)

    event.listen(db.engine, "checkout", watch)
    event.listen(db.engine, "checkin", unwatch)
    yield ran
    event.remove(db.engine, "checkout", watch)
    event.remove(db.engine, "checkin", unwatch)


def test_no_statement_of_a_submission_walks_over_a_table(traced, post_feedback, make_event, clock):
    path = f"/events/{make_event().id}/feedback"
    traced.clear()
    for _ in range(2):
        assert post_feedback(path=path).status_code == 202
        clock.advance(minutes=11)
    searched = [each for each in traced if each.startswith(("SELECT", "INSERT", "UPDATE"))]
    steps = [step for statement in searched for step in plan(statement, ())]
    assert len(searched) >= 7
    walks = [step for step in steps if "SCAN" in step or "TEMP B-TREE" in step]
    assert [step for step in walks if step != "SCAN CONSTANT ROW"] == []  # of the INSERT's values


def test_no_statement_of_a_rising_session_or_of_a_sum_walks_over_a_table(
    traced, project, record, raise_, record_sum, clock
):
    """Also of a user who is told on a later day."""
    raise_(number=1)
    clock.advance(days=1)
    record(user="ann")
    record_sum(exited=1)
    traced.clear()
    raise_(number=2, user="ann", release="1.0")
    raise_("errored", number=1, errors=1, has_ended=False)
    raise_("crashed", number=1, user="ann", release="2.0")
    record_sum(user="ann", crashed=1)
    searched = [each for each in traced if each.startswith(("SELECT", "INSERT", "UPDATE"))]
    steps = [step for statement in searched for step in plan(statement, ())]
    assert len(searched) >= 16
    walks = [step for step in steps if re.match("SCAN (release|session|project)", step)]
    assert walks == []
    assert not any("ix_sessions_release_day_user (release_id=?)" in step for step in steps)


@pytest.fixture
def count_steps(context):
    """How many instructions SQLite's virtual machine runs during a call."""
    count = 0

    def step():
        nonlocal count
        count += 1
        return 0

    def watch(connection, record, proxy):
        connection.set_progress_handler(step, 1)

    def measure(call):
        before = count
        call()
        return count - before

    event.listen(db.engine, "checkout", watch)
    yield measure
    event.remove(db.engine, "checkout", watch)


LISTS = [
    {},
    {"before": 151},
    {"include_archived": True},
    {"status": FeedbackStatus.OPEN},
    {"status": FeedbackStatus.ARCHIVED},
]


@pytest.mark.parametrize("narrowed", LISTS, ids=str)
def test_reading_a_page_takes_as_many_steps_in_a_table_of_ten_times_the_size(
    project, fill_feedback, count_steps, narrowed
):
    def read_page():
        assert len(triage.list_page(project.id, limit=100, **narrowed).rows) == 100

    fill_feedback(150)
    fill_feedback(150, status="archived")
    small = count_steps(read_page)
    fill_feedback(2700, status="archived")
    large = count_steps(read_page)
    assert small > 100  # the measure measures
    assert large == small


def test_moving_and_removing_take_hardly_more_steps_in_a_large_table(
    project, fill_feedback, count_steps, clock
):
    def handle_and_remove(feedback_id):
        triage.set_status(
            project.id, feedback_id, status=FeedbackStatus.HANDLED, now=clock(), actor=None
        )
        triage.remove(project.id, feedback_id, actor=None, now=clock())

    fill_feedback(300)
    small = count_steps(lambda: handle_and_remove(7))
    fill_feedback(2700)
    large = count_steps(lambda: handle_and_remove(8))
    # The index trees may be a level deeper, which costs a few steps and no more.
    assert large <= small + 50


ISSUES = "SEARCH issues USING INDEX ix_issues_last_seen (project_id=?"
ISSUES_OF_A_TAB = "SEARCH issues USING INDEX ix_issues_status (project_id=? AND status=?"
# Of each row that is read, how many are merged into it.
MERGED_INTO_IT = [
    "CORRELATED SCALAR SUBQUERY 1",
    "SEARCH issues_1 USING COVERING INDEX ix_issues_shown_in (shown_in_id=?)",
]


@pytest.fixture
def issue_steps(project, make_event, statements, clock):
    """The steps of reading the newest issues; the releases beside them are another statement."""
    make_event()

    def read(status, *, is_first=True):
        before = None if is_first else IssueCursor(clock(), 1)
        statements.clear()
        issues.list_page(project.id, limit=50, status=status, before=before)
        return plan(*next(each for each in statements if each[0].startswith("SELECT")))

    return read


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("status", [None, *IssueStatus])
def test_newest_issues_are_read_from_an_index_in_order(issue_steps, status, is_first):
    step, *more = issue_steps(status, is_first=is_first)
    assert step.startswith(ISSUES if status is None else ISSUES_OF_A_TAB)
    assert more == MERGED_INTO_IT


def test_statistics_do_not_change_how_issues_are_read(issue_steps, make_event):
    for _ in range(50):
        make_event()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    db.engine.dispose()
    for status, expected in ((None, ISSUES), (IssueStatus.OPEN, ISSUES_OF_A_TAB)):
        step, *more = issue_steps(status)
        assert step.startswith(expected)
        assert more == MERGED_INTO_IT


def test_issues_are_counted_in_an_index(project, statements):
    issues.count_by_status(project.id)
    assert plan(*statements[-1]) == [
        "SEARCH issues USING COVERING INDEX ix_issues_status (project_id=?)"
    ]


def test_session_that_crashed_natively_is_found_among_its_users_alone(
    project, statements, record, report_crash, clock
):
    """And not among all of its release's or its day's, whatever SQLite knows of the tables."""
    for number in range(300):
        record(user=f"user {number}", release=f"1.{number % 3}", app_version="1.0")
    for _ in range(2):
        statements.clear()
        report_crash(user="user 7", at=clock())
        looked = [each for each in statements if each[0].startswith("SELECT")]
        steps = [step for each in looked for step in plan(*each) if "USING" in step]
        assert (
            "SEARCH sessions USING INDEX ix_sessions_user"
            " (project_id=? AND user_key=? AND started_at<?)"
        ) in steps
        assert [step for step in steps if "release_users" in step] == []
        assert [step for step in steps if step.startswith("SCAN")] == []
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        db.engine.dispose()


SESSIONS_OF_ANN = """
INSERT INTO sessions (project_id, session_id, release_id, day, status, user_key, started_at)
WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {count})
SELECT project_id, randomblob(16), release_id, day, status, user_key, started_at
FROM n, (SELECT * FROM sessions LIMIT 1)
"""


def test_search_for_a_crashed_session_costs_the_same_whatever_its_user_has(
    project, record, ingest, database, count_steps, clock
):
    """Sessions of another version, all begun before it, so that none ends the search."""
    record(user="ann", release="9.9")
    crash = NativeCrash(version="1.0", user_key=user_key("ann"))
    later = clock.advance(minutes=5)

    def look():
        assert native_crashes.find(project.id, crash, now=later) is None

    database.execute(SESSIONS_OF_ANN.format(count=250))
    small = count_steps(look)
    database.execute(SESSIONS_OF_ANN.format(count=100_000))
    assert small > 200  # the measure measures
    assert count_steps(look) <= small + 50


def test_page_of_a_release_reads_so_many_sessions_at_most(
    project, record, database, count_steps, clock, monkeypatch
):
    monkeypatch.setattr(durations, "MAX_SESSIONS", 300)
    record("exited", duration_ms=5, user="ann")

    def grow(count):
        database.execute(SESSIONS_OF_ANN.format(count=count))
        database.execute(f"UPDATE release_days SET exited = exited + {count}")

    def read():
        release_detail.read(project.id, Window(today=clock().date()), release="1.0")

    grow(1_000)
    small = count_steps(read)
    grow(20_000)
    assert small > 300  # the measure measures
    assert count_steps(read) <= small * 1.1


def test_ordinary_event_looks_for_no_session(ingest, statements):
    ingest("a")
    assert [each for each, _ in statements if "sessions" in each or "release_users" in each] == []


@pytest.fixture(params=["as it is", "analysed"])
def many_releases(request, project, record, ingest, clock, database):
    """SQLite might prefer another index once it knows how the rows are spread."""
    database.execute(
        "INSERT INTO releases (project_id, name, environment)"
        " WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 5000)"
        f" SELECT {project.id}, 'old ' || id, '' FROM n"
    )
    for number in range(60):
        record(release=f"1.{number}", environment="production", user=f"{number}")
        record(release=f"1.{number}", environment="staging")
        ingest("a", release=f"1.{number}")
        clock.advance(hours=1)
    if request.param == "analysed":
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        db.engine.dispose()


NOW = datetime(2026, 5, 10, tzinfo=UTC)
RELEASE_READERS = {
    "first page": lambda project_id, window: release_health.list_page(project_id, window, limit=10),
    "next page": lambda project_id, window: release_health.list_page(
        project_id,
        window,
        limit=10,
        before=ReleaseCursor(window.today, datetime(2026, 5, 7, 22, tzinfo=UTC), 5),
    ),
    "one release": lambda project_id, window: release_detail.read(
        project_id, window, release="1.7"
    ),
    "one beside another": lambda project_id, window: release_detail.read_compared(
        project_id, window, release="1.7"
    ),
    "page of the console": lambda project_id, window: release_overview.overview(
        project_id, window, limit=8
    ),
    "verdict": lambda project_id, window: verdicts.compare(
        project_id, window, release="1.7", against="1.8"
    ),
    **{
        f"slices by {by}": lambda project_id, window, by=by: slices.list_page(
            project_id, window, by, limit=10
        )
        for by in SliceBy
    },
    "health of a past day": lambda project_id, window: past_health.around(
        project_id, "1.7", day=window.first_day, today=window.today
    ),
    "crashes": lambda project_id, window: crashes.of_day(project_id, "1.7", None, now=NOW),
    "issues": lambda project_id, window: issues.list_page(project_id, limit=10),
    "one issue": lambda project_id, window: issues.read(project_id, 1),
}


@pytest.mark.parametrize("environment", [None, "staging"])
def test_no_view_of_releases_walks_over_all_of_a_projects(
    project, many_releases, statements, clock, environment
):
    # All of a project's, in whatever order: that is a walk, too.
    walk = re.compile(r"SCAN|[(]project_id=[?][)]|[(]project_id=[?] AND environment=[?][)]")
    walks = []
    for name, read in RELEASE_READERS.items():
        statements.clear()
        read(project.id, Window(today=clock().date(), environment=environment))
        # Of environments there are few, and how they are found has a test of its own.
        sent = [each for each in statements if "hops" not in each[0]]
        steps = [step for each in sent for step in plan(*each)]
        of_tables = [step for step in steps if re.search(r"releases|release_days", step)]
        assert of_tables, name
        walks += [(name, step) for step in of_tables if walk.search(step)]
    assert walks == []


@pytest.mark.parametrize("knows_the_tables", [False, True])
def test_crashes_of_a_release_are_counted_in_an_index_of_crashes(
    project, statements, record, clock, knows_the_tables
):
    """Each day asked for by name: with a range SQLite reads all sessions of the days."""
    for _ in range(3):
        for number in range(100):
            for release in ("1.0", "2.0"):
                status = "crashed" if number % 20 == 0 else "exited"
                record(status, user=f"user {number}", release=release)
        clock.advance(days=1)
    if knows_the_tables:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        db.engine.dispose()
    statements.clear()
    window = Window(today=clock().date())
    assert verdicts.compare(project.id, window, release="2.0", against="1.0").old.crashed == 15
    of_sessions = [
        step
        for each in list(statements)
        if "FROM sessions" in each[0]
        for step in plan(*each)
        if "sessions" in step
    ]
    by_user = (
        "SEARCH sessions USING INDEX ix_sessions_crashed"
        " (release_id=? AND day=? AND user_key>? AND user_key<?)"
    )
    ends = "SEARCH sessions USING INDEX ix_sessions_crashed (release_id=? AND day=?)"
    assert sorted(of_sessions) == sorted([by_user, by_user, ends, ends])


@pytest.mark.parametrize("knows_the_tables", [False, True])
@pytest.mark.parametrize("by", [SliceBy.OS_NAME, SliceBy.APP_VERSION])
def test_slices_are_counted_in_an_index_that_has_all_of_them(
    project, statements, record, clock, by, knows_the_tables
):
    for number in range(120):
        record(
            "crashed" if number % 10 == 0 else "ok",
            user=f"user {number}",
            environment="staging" if number % 3 else "production",
            **{by: f"value {number % 25}"},
        )
    if knows_the_tables:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        db.engine.dispose()
    statements.clear()
    slices.list_page(project.id, Window(today=clock().date()), by, limit=10)
    of_sessions = {
        step
        for each in list(statements)
        if "FROM sessions" in each[0]
        for step in plan(*each)
        if "sessions" in step
    }
    index = f"SEARCH sessions USING COVERING INDEX ix_sessions_by_{by} (release_id=? AND day=?"
    assert of_sessions >= {
        f"{index})",
        f"{index} AND {by}=?)",
        f"{index} AND {by}=? AND status=? AND user_key>?)",
    }
    # Only of what is left over it looks at each entry.
    others = {step for step in of_sessions if not step.startswith(index)}
    assert all("ix_sessions_crashed" in step for step in others), others


ROWS_OF_ANOTHER = (
    "INSERT INTO releases (project_id, name, environment)"
    " WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 5000)"
    " SELECT {project}, 'old ' || id, 'production' FROM n",
    "INSERT INTO sessions (project_id, session_id, release_id, day, status, user_key, started_at)"
    " SELECT project_id, randomblob(16), id, '2026-05-01', 'crashed', randomblob(16),"
    " '2026-05-01 00:00:00.000000' FROM releases",
)


@pytest.mark.parametrize("knows_the_tables", [False, True])
def test_list_of_projects_walks_over_no_table(
    project,
    owner,
    statements,
    record,
    make_project,
    make_account,
    fill_feedback,
    database,
    clock,
    knows_the_tables,
):
    """And counts crashes in the index of crashes, with each day asked for by name."""
    other = make_project("Theirs", owner_id=make_account("other@example.com").id).id
    for statement in ROWS_OF_ANOTHER:
        database.execute(statement.format(project=other))
    for project_id in (project.id, *(make_project(f"App {number}").id for number in range(20))):
        for number in range(4):
            for release in ("1.0", "2.0"):
                record("crashed", user=f"{number}", release=release, project_id=project_id)
    fill_feedback(500)
    if knows_the_tables:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        db.engine.dispose()
    statements.clear()
    projects_at_a_glance.list_page(owner.id, now=clock(), limit=50)
    steps = [step for each in list(statements) for step in plan(*each)]
    walks = re.compile(r"SCAN (feedback|release|sessions|new_names|losses)")
    assert [step for step in steps if walks.match(step)] == []
    by_user = (
        "SEARCH sessions USING INDEX ix_sessions_crashed"
        " (release_id=? AND day=? AND user_key>? AND user_key<?)"
    )
    assert by_user in steps


def test_environments_are_found_by_hops(project, many_releases, statements):
    statements.clear()
    assert release_overview.environments_of(project.id) == ["production", "staging"]
    all_steps = plan(*statements[-1])
    steps = [step for step in all_steps if "release_days" in step]
    hop = "ix_release_days_newest (project_id=? AND environment>?)"
    end_of_a_range = "ix_release_days_newest (project_id=? AND environment=?)"
    assert [hop in step for step in steps] == [True, True, False]
    assert end_of_a_range in steps[2]
    assert not [step for step in all_steps if "TEMP B-TREE" in step]


def test_views_of_releases_take_as_many_steps_with_four_times_the_releases(
    app, project, record, ingest, clock, count_steps
):
    app.config["PIONNE"] = replace(app.config["PIONNE"], new_releases_per_day=1000)

    def fill(first, last):
        for number in range(first, last):
            record(release=f"1.{number:03}", user=f"{number}")
            ingest("a", release=f"1.{number:03}")
        for name in ("1.7", "1.8"):
            record(release=name)
            ingest("a", release=name)

    def ask():
        window = Window(today=clock().date())
        return {
            name: count_steps(lambda read=read: read(project.id, window))
            for name, read in RELEASE_READERS.items()
        }

    # More than the views that look at a hundred of them see, or add up.
    fill(0, 120)
    small = ask()
    fill(120, 480)
    large = ask()
    assert {name: steps for name, steps in large.items() if steps > small[name] * 1.2} == {}


@pytest.mark.parametrize("knows_the_tables", [False, True])
def test_crashes_of_a_day_are_read_from_indexes_of_crashes(
    project, statements, record, ingest, report_crash, clock, knows_the_tables
):
    """And none of other days, releases or projects."""
    for number in range(60):
        record("crashed" if number % 3 else "exited", user=f"{number % 7}")
        level = EventLevel.FATAL if number % 3 else EventLevel.ERROR
        ingest("a", release="1.0", level=level, content={"user_id_anon": f"{number % 7}"})
        report_crash(user="7", at=clock())
        clock.advance(hours=1)
    if knows_the_tables:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        db.engine.dispose()
    statements.clear()
    for name in ("1.0", "unknown"):
        crashes.of_day(project.id, name, None, now=clock())
    steps = {step for each in list(statements) for step in plan(*each)}
    of_rows = {step for step in steps if re.match(r"(SEARCH|SCAN) (sessions|events)\b", step)}
    found = {re.sub(r"SEARCH|COVERING |[<>]\?.*", "", step).strip() for step in of_rows}
    assert found == {
        "sessions USING INDEX ix_sessions_crashed_at (release_id=? AND ended_at",
        "events USING INDEX ix_events_fatal (project_id=? AND release=? AND created_at",
        "events USING INDEX ix_events_crashed (project_id=? AND release=? AND crashed_at",
    }


def test_crashes_of_a_day_take_as_many_steps_whatever_came_on_others(
    project, record, ingest, database, count_steps, clock
):
    record("crashed", user="ann")
    ingest("a", release="1.0", level=EventLevel.FATAL, content={"user_id_anon": "ann"})
    day = clock().date()
    clock.advance(days=2)

    def read():
        assert crashes.of_day(project.id, "1.0", day, now=clock()).tied == 1

    def grow(count):
        database.execute(
            SESSIONS_OF_ANN.format(count=count)
            .replace("started_at)", "started_at, ended_at)")
            .replace(
                "status, user_key, started_at\nFROM",
                "status, user_key, started_at," " datetime(ended_at, '+3 days')\nFROM",
            )
        )
        database.execute(
            "INSERT INTO events (project_id, issue_id, exception_type, level, release,"
            " environment, content, created_at)"
            f" WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {count})"
            " SELECT project_id, issue_id, exception_type, level, release, environment, content,"
            " datetime(created_at, '+3 days') FROM n, (SELECT * FROM events LIMIT 1)"
        )

    grow(300)
    small = count_steps(read)
    grow(20_000)
    assert small > 100  # the measure measures
    assert count_steps(read) <= small + 100
