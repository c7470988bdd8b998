"""What PostgreSQL plans once for all values serves every page and every route that reads.

Reads end by COMMIT, so what was prepared stays prepared; from the fifth run on PostgreSQL may plan
a statement without looking at its values (docs/decisions/0162-reads-end-by-commit.md).
"""

import re

import psycopg
import pytest
from sqlalchemy import event

from app.extensions import db

pytestmark = pytest.mark.postgresql_only("SQLite has no generic plans")

# Fifty projects share them, so that a walk over a table is the wrong way to read of one.
ROWS = """
INSERT INTO projects (owner_id, name, created_at)
SELECT owner_id, name, created_at FROM projects, generate_series(1, 49) n;
INSERT INTO feedback (project_id, status, message, created_at)
SELECT 1 + n % 50, (ARRAY['archived', 'archived', 'open', 'handled'])[1 + n / 50 % 4], n, now()
FROM generate_series(1, 20000) n;
INSERT INTO feedback_texts (project_id, feedback_id, folded)
SELECT project_id, id, message FROM feedback ON CONFLICT DO NOTHING;
INSERT INTO issues (project_id, fingerprint, exception_type, level, status, events_count,
    first_seen_at, last_seen_at)
SELECT 1 + n % 50, sha256(n::text::bytea), 'TypeError', 'error', 'open', 1, now(), now()
FROM generate_series(1, 10000) n;
INSERT INTO events (project_id, issue_id, exception_type, level, release, environment, content,
    created_at)
SELECT project_id, id, 'TypeError', 'error', '1.0', 'production', '{}', now()
FROM issues, generate_series(1, 2);
INSERT INTO issue_releases (issue_id, release, project_id, events_count, first_seen_at)
SELECT id, '1.0', project_id, 1, now() FROM issues ON CONFLICT DO NOTHING;
INSERT INTO releases (project_id, name, environment)
SELECT 1 + n % 50, '1.' || n / 50, environment
FROM generate_series(0, 4999) n, (VALUES (''), ('production')) scope (environment)
ON CONFLICT DO NOTHING;
INSERT INTO release_days (release_id, day, ok, exited, errored, abnormal, crashed, users_active,
    users_newest, users_newest_crashed, first_seen_at, last_seen_at)
SELECT id, date '2026-05-07' - n, 1, 0, 0, 0, 1, 1, 1, 0, now(), now()
FROM releases, generate_series(0, 2) n WHERE id <= 300 ON CONFLICT DO NOTHING;
INSERT INTO release_days (release_id, day, ok, exited, errored, abnormal, crashed, users_active,
    users_newest, users_newest_crashed, first_seen_at, last_seen_at)
SELECT id, date '2026-05-07' - n, 1, 0, 0, 0, 1, 1, 1, 0, now(), now()
FROM releases, generate_series(0, 2) n ON CONFLICT DO NOTHING;
INSERT INTO sessions (project_id, session_id, release_id, day, status, user_key, started_at,
    ended_at)
SELECT project_id, substr(sha256((id || '-' || n)::text::bytea), 1, 16), id, date '2026-05-07',
    (ARRAY['ok', 'crashed'])[1 + n % 2], substr(sha256(n::text::bytea), 1, 16), now(), now()
FROM releases, generate_series(1, 4) n WHERE environment = 'production';
INSERT INTO audit_entries (project_id, action, target_id, detail, created_at)
SELECT 1 + n % 50, 'feedback.handled', n / 50, '{}', now() FROM generate_series(1, 20000) n;
INSERT INTO losses (project_id, day, source, kind, reason, quantity)
SELECT 1 + n % 50, date '2026-05-07' - n / 50, 'server', 'event', 'limited', 1
FROM generate_series(0, 4499) n
"""
LARGE = {
    *("feedback", "feedback_texts", "issues", "events", "issue_releases", "releases"),
    *("release_days", "sessions", "audit_entries", "losses"),
}
API = (
    *("/api/projects", "/api/projects/1", "/api/projects/1/losses", "/api/projects/1/audit"),
    "/api/projects/1/feedback",
    "/api/projects/1/feedback?include=all&before=15000",
    "/api/projects/1/feedback?status=open&q=needle&since=2026-05-01T00:00:00Z",
    "/api/projects/1/feedback?status=archived",
    "/api/projects/1/issues",
    "/api/projects/1/issues?status=open",
    "/api/projects/1/issues/51",
    "/api/projects/1/release-health",
    "/api/projects/1/release-health?days=90&environment=production&limit=5",
    "/api/projects/1/release-health/1.7",
    "/api/projects/1/release/crashes?name=1.7",
    "/api/projects/1/release/crashes?name=unknown&day=2026-05-07",
    "/api/projects/1/release-health/1.7/verdict",
    "/api/projects/1/release-health/1.7/verdict?against=1.6&unit=users",
)
PAGES = (
    *("/projects", "/projects/1/inbox", "/projects/1/inbox?tab=all", "/projects/1/feedback/50"),
    "/projects/1/inbox?tab=all&q=needle+thread",
    "/projects/1/inbox?version=1.0&environment=production",
    "/projects/1/inbox?email=1&event=1&since=2026-01-01&until=2027-01-01",
    *("/projects/1/inbox/versions", "/projects/1/start", "/projects/1/audit"),
    *("/projects/1/issues", "/projects/1/issues?status=all", "/projects/1/issues/51"),
    "/projects/1/issues/merge?issue=51&issue=101",
    *("/projects/1/releases", "/projects/1/releases?days=90&environment=production"),
    "/projects/1/release?name=1.7",
    "/projects/1/release/crashes?name=1.7",
    "/projects/1/release?name=1.7&against=1.6&days=90",
    *("/projects/1/releases/environments", "/projects/1/releases/others?name=1.7"),
    *("/projects/1/settings", "/projects/1/members", "/projects/1/tokens"),
)


@pytest.fixture
def large_tables(project, database, make_event):
    make_event()
    for statement in ROWS.split(";\n"):
        database.execute(statement)
        # Or keys would be checked, and triggers run, as was planned while the tables were empty:
        # some days of releases come first for the same reason.
        database.execute("ANALYZE")


@pytest.fixture
def prepared(app):
    """All that was prepared by a call, with the types of its values, and which large tables each
    of them reads all of where PostgreSQL looks at the values; prepared at the first run here."""
    with app.app_context():
        engine = db.engine
    custom = {}

    def prepare_at_once(connection, record):
        connection.prepare_threshold = 0
        connection.prepared_max = 10_000

    def explain(connection, cursor, statement, parameters, *_):
        if statement.startswith(("SELECT", "WITH")):
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
            ((explained,),) = cursor.fetchall()
            custom.setdefault(_numbered(statement), set()).update(_walked(explained[0]["Plan"]))

    def note(call):
        call()
        query = "SELECT statement, parameter_types::text[] FROM pg_prepared_statements"
        with engine.connect() as connection:
            rows = connection.exec_driver_sql(query).all()
        return [(each, tuple(types), custom[each]) for each, types in rows if each in custom]

    engine.dispose()
    event.listen(engine, "connect", prepare_at_once)
    event.listen(engine, "before_cursor_execute", explain)
    yield note
    event.remove(engine, "connect", prepare_at_once)
    event.remove(engine, "before_cursor_execute", explain)
    engine.dispose()


def _numbered(statement):
    """As psycopg sends it."""
    names = {}
    marked = re.sub(
        r"%\((\w+)\)s", lambda mark: f"${names.setdefault(mark[1], len(names) + 1)}", statement
    )
    return marked.replace("%%", "%")


def generic_walks(connection, statement, types):
    connection.execute(f"PREPARE one ({', '.join(types)}) AS {statement}".replace("one ()", "one"))
    nulls = ", ".join(["NULL"] * len(types))
    execute = f"EXPLAIN (FORMAT JSON) EXECUTE one ({nulls})".replace("one ()", "one")
    ((explained,),) = connection.execute(execute).fetchall()
    connection.execute("DEALLOCATE one")
    return set(_walked(explained[0]["Plan"]))


def _walked(node):
    """The large tables that a step reads all of, or all of an index of."""
    if node.get("Relation Name") in LARGE and node["Node Type"] != "Bitmap Heap Scan":
        if "Index Cond" not in node:
            yield node["Relation Name"]
    for below in node.get("Plans", []):
        yield from _walked(below)


def test_no_plan_for_all_values_walks_over_a_large_table_that_one_for_these_values_does_not(
    settings, project, large_tables, prepared, as_owner_of_project, client, as_owner
):
    def read():
        for path in API:
            assert client.get(path, headers=as_owner).status_code == 200, path
        for path in PAGES:
            assert as_owner_of_project.get(path).status_code == 200, path

    found = prepared(read)
    assert len(found) > 60
    worse = []
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        for statement, types, walked in found:
            if more := generic_walks(connection, statement, types) - walked:
                worse.append((more, statement))
    assert worse == []


def test_what_a_read_prepared_is_still_prepared_after_it(
    project, prepared, client, as_owner, make_feedback
):
    make_feedback()

    def read():
        for _ in range(2):
            assert client.get("/api/projects/1/feedback", headers=as_owner).status_code == 200

    assert [each for each, *_ in prepared(read) if "FROM feedback" in each]
