"""No request walks over a large table on PostgreSQL either."""

import re

import psycopg
import pytest
from sqlalchemy import event

from app.domain.feedback_status import FeedbackStatus
from app.domain.native_crash import NativeCrash
from app.domain.times import utc_now
from app.domain.user_key import user_key
from app.extensions import db
from app.services.feedback import inbox, triage
from app.services.feedback.inbox import Narrowing
from app.services.pages import feedback_detail, project_summaries
from app.services.releases import crashes
from app.services.sessions import native_crashes

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.postgresql_only("SQLite's plans are in test_query_plans"),
]


@pytest.fixture
def plans(context):
    """The plan of each SELECT and UPDATE from now on: what it does at which index or table."""
    found = []

    def explain(connection, cursor, statement, parameters, *_):
        if statement.startswith(("SELECT", "UPDATE")):
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
            ((explained,),) = cursor.fetchall()
            found.append(list(_steps(explained[0]["Plan"])))

    event.listen(db.engine, "before_cursor_execute", explain)
    yield found
    event.remove(db.engine, "before_cursor_execute", explain)


def _steps(node):
    yield f"{node['Node Type']} {node.get('Index Name') or node.get('Relation Name') or ''}".strip()
    for below in node.get("Plans", []):
        yield from _steps(below)


PROJECTS = """
INSERT INTO projects (owner_id, name, created_at)
SELECT owner_id, name, created_at
FROM projects, generate_series(1, 49) n
"""
# As rows come in: of one project after the other, all through the table.
FEEDBACK = """
INSERT INTO feedback (project_id, status, message, created_at)
SELECT 1 + n % 50, (ARRAY['archived', 'archived', 'open', 'handled'])[1 + n / 50 % 4], n, now()
FROM generate_series(1, 20000) n
"""
TEXTS = """
INSERT INTO feedback_texts (project_id, feedback_id, folded)
SELECT project_id, id, message FROM feedback
"""
EVENTS = """
INSERT INTO events (project_id, issue_id, exception_type, level, environment, content, created_at)
SELECT 1 + n % 50, 1, 'TypeError', 'error', 'production', '{}', now()
FROM generate_series(1, 10000) n
"""


# Never analysed: what PostgreSQL thinks of them is then what it thinks of an empty table that grew.
RELEASES = """
INSERT INTO releases (project_id, name, environment)
SELECT 1, n, environment
FROM generate_series(1, 1000) n, (VALUES (''), ('production')) scope (environment)
"""
USERS = """
INSERT INTO release_users (release_id, user_key, newest_day)
SELECT 1 + n % 2000, sha256(n::text::bytea), current_date FROM generate_series(1, 20000) n
"""
DAYS = """
INSERT INTO release_days (release_id, day, ok, exited, errored, abnormal, crashed, users_active,
users_newest, users_newest_crashed, first_seen_at, last_seen_at)
SELECT 1 + n % 2000, date '2020-01-01' + n / 2000, 1, 0, 0, 0, 0, 1, 1, 0, now(), now()
FROM generate_series(1, 20000) n
"""
SESSIONS = """
INSERT INTO sessions (project_id, session_id, release_id, day, status, started_at)
SELECT 1, substr(sha256(n::text::bytea), 1, 16), 1 + n % 2000, current_date, 'ok', now()
FROM generate_series(1, 20000) n
"""
AUDIT = """
INSERT INTO audit_entries (project_id, action, target_id, detail, created_at)
SELECT 1 + n % 50, 'feedback.handled', n / 50, '{}', now() FROM generate_series(1, 20000) n
"""


@pytest.fixture
def large_tables(project, make_event, database):
    """Fifty projects share them. An event of the first one."""
    event = make_event()
    for statement in (PROJECTS, FEEDBACK, TEXTS, EVENTS, AUDIT, "ANALYZE"):
        database.execute(statement)
    return event


@pytest.mark.parametrize("before", [None, 15000])
@pytest.mark.parametrize(
    "narrowed",
    [
        {},
        {"include_archived": True},
        {"status": FeedbackStatus.OPEN},
        {"status": FeedbackStatus.ARCHIVED},
        {"words": ("needle",)},
    ],
    ids=str,
)
def test_no_list_walks_over_the_table(project, large_tables, plans, narrowed, before):
    """Which index serves best depends on how the rows are spread, and PostgreSQL knows that."""
    triage.list_page(project.id, limit=100, before=before, **narrowed)
    (steps,) = plans
    assert any("Index Scan" in step for step in steps), steps
    assert not {"Seq Scan feedback", "Seq Scan feedback_texts"} & set(steps)


def test_no_statement_of_a_submission_walks_over_a_large_table(
    large_tables, plans, post_feedback, clock
):
    for _ in range(2):
        assert post_feedback(path=f"/events/{large_tables.id}/feedback").status_code == 202
        clock.advance(minutes=11)
    large = {"Seq Scan feedback", "Seq Scan events"}
    assert len(plans) >= 4  # the token is looked up past SQLAlchemy, and has a unique index
    assert [steps for steps in plans if large & set(steps)] == []


def test_no_view_of_the_inbox_walks_over_a_table(project, large_tables, plans, clock):
    nothing = Narrowing()
    inbox.read_page(project.id, status=FeedbackStatus.OPEN, narrowing=nothing, limit=50)
    narrowed = Narrowing(words=("needle",), since=clock())
    inbox.read_page(project.id, status=FeedbackStatus.OPEN, narrowing=narrowed, limit=50)
    inbox.count_arrivals(project.id, nothing, after=19_000)
    feedback_detail.read(project.id, 50, now=clock())
    assert len(plans) >= 5
    walks = {"Seq Scan feedback", "Seq Scan feedback_texts", "Seq Scan events"} | {
        "Seq Scan audit_entries"
    }
    assert [steps for steps in plans if walks & set(steps)] == []


def test_counting_a_projects_events_reads_none_of_another(project, large_tables, plans, clock):
    project_summaries.read(project.id, now=clock())
    (steps,) = plans
    assert any(step.endswith("ix_events_received") for step in steps), steps
    assert "Seq Scan events" not in steps


WALKS = {f"Seq Scan {table}" for table in ("sessions", "release_users", "release_days")} | {
    # All sessions of a release and day, to find one of them.
    "Index Scan ix_sessions_release_day_user"
}


@pytest.fixture
def explain(settings):
    """The plan of what is prepared, for all values alike."""
    url = settings.database_url.replace("+psycopg", "")

    def plan(prepare, execute):
        with psycopg.connect(url) as connection:
            connection.execute("SET plan_cache_mode = force_generic_plan")
            connection.execute(prepare)
            ((explained,),) = connection.execute(f"EXPLAIN (FORMAT JSON) {execute}").fetchall()
            return explained[0]["Plan"]

    return plan


def test_no_statement_of_a_session_walks_over_a_table(
    project, database, record, raise_, record_sum, clock, explain
):
    """As they are planned once for all values, while the tables were still small to PostgreSQL."""
    for statement in (RELEASES, USERS, DAYS, SESSIONS):
        database.execute(statement)
    # Prepared once they were run five times on a connection.
    for _ in range(8):
        for number, user in ((1, "ann"), (2, "ann"), (3, None)):
            number += 10_000 * clock().toordinal()
            record("ok", number=number, user=user)
            record("crashed" if number % 2 else "exited", number=number, user=user, release="2.0")
            number += 100
            raise_("ok", number=number)
            raise_("errored", number=number, errors=1, has_ended=False)
            raise_("exited", number=number, user=user)
            raise_("crashed", number=number, user=user, release="2.0")
            record_sum(user=user, exited=1)
        clock.advance(days=1)
    with db.engine.connect() as connection:
        query = "SELECT statement, cardinality(parameter_types) FROM pg_prepared_statements"
        prepared = connection.exec_driver_sql(query).all()
    walks = []
    for statement, values in prepared:
        nulls = ", ".join(["NULL"] * values)
        explained = explain(f"PREPARE one AS {statement}", f"EXECUTE one ({nulls})")
        walks += [(step, statement) for step in WALKS & set(_steps(explained))]
    assert any("session_as_seen" in statement for statement, _ in prepared)
    assert any("SET status" in each and "unhandled" in each for each, _ in prepared)
    assert any("INSERT INTO session_sums" in statement for statement, _ in prepared)
    assert len(prepared) >= 6
    assert walks == []


def test_session_that_crashed_natively_is_found_without_a_walk(
    project, database, record, report_crash, plans, clock
):
    """Of a project with some releases; with a thousand, all users may be the shorter way."""
    some = {"1000": "20", "2000": "40"}
    for statement in (RELEASES, USERS, DAYS, SESSIONS):
        fewer = re.sub(r"\b[12]000\b", lambda number: some[number[0]], statement)
        database.execute(fewer)
    record(number=1, user="ann", release="1.0", app_version="1.0")
    database.execute("ANALYZE")
    report_crash(user="ann", at=clock())
    assert database.rows("SELECT count(*) FROM sessions WHERE status = 'crashed'") == [(1,)]
    walks = {f"Seq Scan {table}" for table in ("sessions", "release_users", "release_days")}
    of_search = [steps for steps in plans if any("sessions" in step for step in steps)]
    assert len(of_search) == 1
    assert [steps for steps in plans if walks & set(steps)] == []


SESSIONS_OF_ANN = """
INSERT INTO sessions (project_id, session_id, release_id, day, status, user_key, started_at)
SELECT project_id, substr(sha256((clock_timestamp()::text || n)::bytea), 1, 16), release_id, day,
    status, user_key, started_at
FROM generate_series(1, {count}) n, (SELECT * FROM sessions LIMIT 1) one
"""


def _visited(node):
    """Rows that a node and all below it looked at."""
    rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return rows * node["Actual Loops"] + sum(map(_visited, node.get("Plans", [])))


@pytest.fixture
def visited(context):
    """How many rows the SELECTs of a call look at."""

    def measure(call):
        counts = []

        def explain(connection, cursor, statement, parameters, *_):
            if statement.startswith("SELECT"):
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
                ((explained,),) = cursor.fetchall()
                counts.append(_visited(explained[0]["Plan"]))

        event.listen(db.engine, "before_cursor_execute", explain)
        call()
        event.remove(db.engine, "before_cursor_execute", explain)
        return sum(counts)

    return measure


def test_search_for_a_crashed_session_visits_as_many_rows_whatever_its_user_has(
    project, record, database, visited, clock
):
    """Sessions of another version, all begun before it, so that none ends the search."""
    record(user="ann", release="9.9")
    crash = NativeCrash(version="1.0", user_key=user_key("ann"))
    later = clock.advance(minutes=5)

    def look():
        assert native_crashes.find(project.id, crash, now=later) is None

    database.execute(SESSIONS_OF_ANN.format(count=250))
    small = visited(look)
    database.execute(SESSIONS_OF_ANN.format(count=100_000))
    assert small > 200  # the measure measures
    assert visited(look) <= small * 1.5


def test_crashed_session_is_looked_for_in_an_index_of_its_user(
    project, database, record, report_crash, clock, explain
):
    """Planned once for all values, while the tables were still small to PostgreSQL."""
    for statement in (RELEASES, USERS, DAYS, SESSIONS):
        database.execute(statement)
    looked = []

    def note(connection, cursor, statement, parameters, *_):
        if "sessions.started_at <=" in statement:
            looked.append((statement, tuple(parameters)))

    record(user="ann")
    event.listen(db.engine, "before_cursor_execute", note)
    report_crash(user="ann", at=clock.advance(minutes=1))
    [(statement, names)] = looked
    for position, name in enumerate(names, 1):
        statement = statement.replace(f"%({name})s", f"${position}")
    nulls = ", ".join(["NULL"] * len(names))
    steps = set(_steps(explain(f"PREPARE one AS {statement}", f"EXECUTE one ({nulls})")))
    assert "Index Scan ix_sessions_user" in steps
    assert "Seq Scan sessions" not in steps


CRASHES = """
INSERT INTO releases (project_id, name, environment)
SELECT 1, n, 'production' FROM generate_series(1, 500) n;
INSERT INTO sessions (project_id, session_id, release_id, day, status, started_at, ended_at)
SELECT project_id, substr(sha256((id || '-' || n)::text::bytea), 1, 16), id, current_date,
    (ARRAY['exited', 'crashed'])[1 + n % 2], now(), now() - interval '1 hour' * n
FROM releases, generate_series(1, 40) n;
UPDATE events SET level = 'fatal', release = id % 500,
    created_at = now() - interval '1 minute' * id;
UPDATE events SET crashed_at = created_at WHERE id % 7 = 0
"""


@pytest.mark.parametrize("knows_the_tables", [False, True])
def test_crashes_of_a_day_are_read_from_indexes_of_crashes(
    project, large_tables, database, plans, clock, knows_the_tables
):
    for statement in (*CRASHES.split(";\n"), *(["ANALYZE"] if knows_the_tables else [])):
        database.execute(statement)
    for name in ("7", "unknown"):
        crashes.of_day(project.id, name, utc_now().date(), now=utc_now())
    walks = {"Seq Scan sessions", "Seq Scan events"}
    assert len(plans) >= 15
    assert [steps for steps in plans if walks & set(steps)] == []
    used = {step.rpartition(" ")[2] for steps in plans for step in steps}
    assert {"ix_sessions_crashed_at", "ix_events_fatal", "ix_events_crashed"} <= used
