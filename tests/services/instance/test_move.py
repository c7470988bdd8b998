"""An instance moves to PostgreSQL whole, once, and says so only when both sides are equal."""

import sqlite3
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.engine import make_url

from app.config import read_settings
from app.database import read_transaction, write_transaction
from app.domain.roles import Role
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.models import (
    EventDay,
    Feedback,
    IssueFingerprint,
    IssueRelease,
    LoginChallenge,
    Loss,
    RetentionHorizon,
    SentryId,
)
from app.services import accounts, feedback, projects, sessions
from app.services.accounts import two_factor
from app.services.errors import Refused
from app.services.instance import move, move_target
from app.services.instance.move_target import tables
from app.services.instance.readiness import UNFINISHED_MOVE, database_problem
from app.services.instance.serving_lock import serve_from
from app.services.projects import disk_survey, invitations
from app.services.releases.names import Names
from app.services.sessions import ledger as session_ledger
from tests.fixtures.apps import APP_KEY
from tests.fixtures.posted import ADDRESS_HASH

PASSWORD = "correct horse battery"
NOTHING_YET = timedelta(0)

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.sqlite_only("it moves from SQLite, to a PostgreSQL of its own"),
]


@pytest.fixture
def full(context, client, project, make_feedback, make_member, clock):
    """Rows in every table, odd ones among them."""
    event = {
        "exception_type": "TypeError",
        "message": "Gr\u00fc\u00dfe \U0001f600",
        "release": "1.0 \u00fcber",
        "extra": {"b": [1, 2.5, None, True, "\u2028"], "a": 2**53 + 1, "e": 1e-9},
    }
    headers = {"X-Pionne-Token": project.token}
    stored = client.post("/ingest", json=event, headers=headers).get_json()
    make_feedback(
        event_id=stored["event_id"], name="J\u00f6rg", email="j@b.example", status="handled"
    )
    make_feedback(message='tab\there, \\N, "quotes" and\nlines', url="app://x?a=\\.")
    for number, status in enumerate((SessionStatus.OK, SessionStatus.CRASHED)):
        clock.advance(days=1, microseconds=123456)
        report = SessionReport(
            session_id=uuid.UUID(int=number).bytes,
            status=status,
            release=f"{number}.0",
            environment="production",
            user_key=bytes(range(16)),
        )
        sessions.record(project.id, report, now=clock())
    sums = [sessions.SessionSums({SessionStatus.EXITED: 2**40}, user_key=bytes(range(16)))]
    sessions.record_sums(project.id, Names("1.0", "production"), sums, now=clock())
    alice = accounts.create("alice@example.com", password=PASSWORD, now=clock())
    two_factor.enrol(alice.id, password=PASSWORD)
    accounts.issue_token(alice.email, client="cli", now=clock())
    make_member("member@example.com")
    invitations.invite(project.id, email="x@b.example", role=Role.VIEWER, actor=None, now=clock())
    disk_survey.count_all(now=clock())
    with write_transaction() as connection:
        connection.execute(
            insert(LoginChallenge),
            {"account_id": alice.id, "digest": bytes(32), "client": "web", "expires_at": clock()},
        )
        known_by = {"issue_id": stored["issue_id"], "fingerprint": bytes(range(32))}
        connection.execute(insert(IssueFingerprint), {"project_id": project.id, **known_by})
        lost = {"source": "server", "kind": "event", "reason": "limited", "quantity": 2**40}
        connection.execute(
            insert(Loss), {"project_id": project.id, "day": date(2026, 1, 2), **lost}
        )
        day = {"project_id": project.id, "day": date(2026, 1, 2), "content_bytes": 2**40}
        connection.execute(insert(EventDay), day)
        named = {"kind": "event", "sentry_id": bytes(range(16)), "row_id": stored["event_id"]}
        connection.execute(
            insert(SentryId), {"project_id": project.id, **named, "received_at": clock()}
        )
        told = {
            "details": {"b": [1, "\u2028"], "a": 2**53 + 1},
            "sentry_event_ref": bytes(range(16)),
        }
        connection.execute(update(Feedback).where(Feedback.event_id.is_(None)).values(told))
        connection.execute(insert(RetentionHorizon), {"name": "x", "day": date(2026, 1, 2)})


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(move_target, "BATCH_ROWS", 2)


@pytest.fixture
def url(empty_postgresql_url):
    return make_url(empty_postgresql_url).set(drivername="postgresql+psycopg")


@pytest.fixture
def arrive(settings, url):
    """The whole move, as the command does it."""

    def run(**options):
        with move.moving(settings, url, **options) as moving:
            for steps in (moving.copy(), moving.verify()):
                for _ in steps:
                    pass
            moving.finish()
            return moving.verified

    return run


@pytest.fixture
def copy_some(settings, url):
    """A move that is interrupted after some batches."""

    def run(batches=3):
        with move.moving(settings, url) as moving:
            steps = moving.copy()
            return [next(steps) for _ in range(batches)]

    return run


@pytest.fixture
def ask(empty_postgresql_url):
    """Asks PostgreSQL itself, past everything of the app's."""

    def query(statement):
        with psycopg.connect(empty_postgresql_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None

    return query


@pytest.fixture
def moved_app(settings, empty_postgresql_url, make_app, clock):
    """The same instance, served from where it moved to."""
    environment = {"INSTANCE_DIR": str(settings.instance_dir), "APP_KEY": APP_KEY}
    there = read_settings({**environment, "DATABASE_URL": empty_postgresql_url})
    return make_app(there, clock=clock)


def contents():
    """Every row of every table, as this code reads them."""
    with read_transaction() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables()
        }


@pytest.mark.usefixtures("full")
def test_every_row_of_every_table_arrives(arrive, moved_app):
    here = contents()
    assert [name for name, rows in here.items() if not rows] == []

    verified = arrive()

    assert {table.name: table.rows for table in verified} == {
        name: len(rows) for name, rows in here.items()
    }
    with moved_app.app_context():
        assert contents() == here


@pytest.mark.usefixtures("full")
def test_a_moved_instance_is_fit_to_serve_and_its_figures_add_up(arrive, moved_app):
    arrive()

    with moved_app.app_context():
        assert database_problem(moved_app.config["PIONNE"]) is None
        assert list(session_ledger.verify()) == []


@pytest.mark.usefixtures("full")
def test_what_worked_before_works_after(arrive, moved_app, project):
    arrive()
    client = moved_app.test_client()

    login = client.post(
        "/api/auth/login", json={"email": "alice@example.com", "password": PASSWORD}
    )
    sent = client.post(
        "/feedback", json={"message": "Hello"}, headers={"X-Pionne-Token": project.token}
    )
    assert (login.status_code, sent.status_code) == (200, 202)


@pytest.mark.usefixtures("full")
def test_the_source_is_not_changed(arrive):
    before = contents()
    arrive()

    assert contents() == before


def test_ids_of_rows_that_are_gone_are_not_given_out_again(
    arrive, moved_app, fill_feedback, project, clock
):
    fill_feedback(7)
    with write_transaction() as connection:
        connection.execute(delete(Feedback).where(Feedback.id > 3))
    arrive()

    with moved_app.app_context():
        stored = feedback.submit(
            project.id,
            feedback.Submission(message="Hello"),
            address_hash=ADDRESS_HASH,
            now=clock(),
            duplicate_window=NOTHING_YET,
        )
        made = projects.create("New", owner_id=1, actor=None, now=clock())
    assert (stored.id, made.id) == (8, 2)


def test_an_empty_instance_moves_too(arrive, moved_app, clock):
    arrive()

    with moved_app.app_context():
        assert accounts.create("a@b.example", password=PASSWORD, now=clock()).id == 1


@pytest.mark.usefixtures("full", "small_batches")
def test_an_interrupted_move_goes_on_where_it_was(arrive, copy_some, settings, url):
    here = contents()
    before = sum(copy_some(6))

    with move.moving(settings, url) as moving:
        assert sum(moving.copied.values()) == before > 6
        assert sum(moving.copy()) == moving.total - before

    assert sum(table.rows for table in arrive()) == sum(map(len, here.values()))


@pytest.mark.usefixtures("full", "small_batches")
def test_a_batch_and_how_far_it_got_are_stored_together(copy_some, settings, url, monkeypatch, ask):
    """A kill between the two would copy rows twice, or leave them out."""
    real_copy = move_target._copy

    def copy_and_die(connection, table, rows):
        count = real_copy(connection, table, rows)
        if table.name == "feedback":
            raise KeyboardInterrupt
        return count

    monkeypatch.setattr(move_target, "_copy", copy_and_die)
    with pytest.raises(KeyboardInterrupt):
        copy_some(1000)

    assert ask("SELECT count(*) FROM feedback") == [(0,)]
    assert ask("SELECT copied FROM move_progress WHERE table_name = 'feedback'") == [(0,)]


@pytest.mark.usefixtures("full", "small_batches")
def test_nobody_serves_from_half_an_instance(copy_some, moved_app):
    copy_some()

    with moved_app.app_context():
        assert "has not arrived" in database_problem(moved_app.config["PIONNE"])


@pytest.mark.usefixtures("full")
def test_the_end_leaves_nothing_of_the_move_behind(arrive, ask):
    arrive()

    assert ask("SELECT to_regclass('move_progress')") == [(None,)]
    assert (UNFINISHED_MOVE,) not in ask("SELECT version_num FROM alembic_version")


@pytest.mark.usefixtures("full")
def test_a_move_does_not_end_without_its_verification(settings, url, moved_app):
    with move.moving(settings, url) as moving:
        list(moving.copy())

    with moved_app.app_context():
        assert database_problem(moved_app.config["PIONNE"])


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("UPDATE feedback SET name = 'Jorg' WHERE id = 1", "feedback (2 rows, not all"),
        ("UPDATE feedback SET name = '' WHERE id = 2", "feedback (2 rows, not all"),
        (
            "UPDATE feedback SET created_at = created_at + interval '1 microsecond' WHERE id = 1",
            "feedback (2 rows, not all",
        ),
        ("UPDATE sessions SET status = 'exited' WHERE id = 1", "sessions (2 rows, not all"),
        (
            "UPDATE sessions SET session_id = '\\x00000000000000000000000000000009' WHERE id = 1",
            "sessions (2 rows, not all",
        ),
        ("UPDATE events SET content = '{}'", "events (1 rows, not all"),
        ("DELETE FROM retention_horizons", "retention_horizons (1 rows became 0)"),
        (
            "INSERT INTO retention_horizons (name, day) VALUES ('y', '2026-01-02')",
            "retention_horizons (1 rows became 2)",
        ),
    ],
)
def test_a_single_difference_is_found(settings, url, ask, moved_app, spoil, said):
    with move.moving(settings, url) as moving:
        list(moving.copy())
        ask(spoil)

        with pytest.raises(Refused) as refusal:
            list(moving.verify())

    assert said in str(refusal.value)
    assert str(refusal.value).count(" rows") == 1
    with moved_app.app_context():
        assert database_problem(moved_app.config["PIONNE"])


@pytest.mark.usefixtures("full")
def test_two_rows_that_swapped_a_value_are_found(settings, url, ask):
    with move.moving(settings, url) as moving:
        list(moving.copy())
        ask("UPDATE feedback SET app_version = CASE id WHEN 1 THEN 'b' ELSE 'a' END")
        moving.source.execute(
            text("UPDATE feedback SET app_version = CASE id WHEN 1 THEN 'a' ELSE 'b' END")
        )

        with pytest.raises(Refused, match="feedback"):
            list(moving.verify())


@pytest.mark.usefixtures("full", "small_batches")
def test_an_instance_that_changed_since_is_not_mixed_with_what_it_was(
    copy_some, arrive, fill_feedback
):
    copy_some()
    fill_feedback(1)

    with pytest.raises(Refused, match="--start-over"):
        arrive()


@pytest.mark.usefixtures("full", "small_batches")
def test_starting_over_empties_the_target_first(copy_some, arrive, fill_feedback, moved_app):
    copy_some(8)
    fill_feedback(1)
    here = contents()

    arrive(start_over=True)

    with moved_app.app_context():
        assert contents() == here


@pytest.mark.usefixtures("full", "small_batches")
def test_after_starting_over_the_audit_guards_itself_again(copy_some, arrive, ask):
    copy_some(8)
    arrive(start_over=True)

    with pytest.raises(psycopg.Error, match="audit entries"):
        ask("UPDATE audit_entries SET action = 'x'")


@pytest.mark.usefixtures("full", "small_batches")
def test_a_change_that_no_count_shows_is_found_at_the_end(copy_some, arrive, make_feedback):
    copy_some(5)
    with write_transaction() as connection:
        connection.execute(text("UPDATE accounts SET name = 'Changed' WHERE id = 1"))

    with pytest.raises(Refused, match="accounts"):
        arrive()


@pytest.mark.usefixtures("full")
def test_starting_over_takes_nothing_that_is_no_unfinished_move(arrive):
    arrive()

    with pytest.raises(Refused, match="rows in accounts"):
        arrive(start_over=True)


def test_a_target_that_was_migrated_already_is_fine(settings, postgresql_url, project):
    there = make_url(postgresql_url).set(drivername="postgresql+psycopg")
    with move.moving(settings, there) as moving:
        list(moving.copy())
        list(moving.verify())
        moving.finish()

    assert {table.name: table.rows for table in moving.verified}["projects"] == 1


def test_a_target_with_rows_is_refused(arrive, project, ask):
    arrive()

    with pytest.raises(Refused, match="has rows in accounts"):
        arrive()


def test_a_target_with_tables_of_others_is_refused(arrive, ask):
    ask("CREATE TABLE recipes (id int)")

    with pytest.raises(Refused, match="a table recipes"):
        arrive()
    assert ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(1,)]


def test_a_target_of_another_version_is_refused(arrive, ask):
    ask("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    ask("INSERT INTO alembic_version (version_num) VALUES ('from the future')")

    with pytest.raises(Refused, match="another version"):
        arrive()


def test_a_target_of_another_encoding_is_refused(settings, ascii_postgresql_url, project):
    url = make_url(ascii_postgresql_url).set(drivername="postgresql+psycopg")

    with pytest.raises(Refused, match="SQL_ASCII.* ENCODING 'UTF8'"):
        with move.moving(settings, url):
            pass
    with psycopg.connect(ascii_postgresql_url) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchone() == (0,)


def test_an_instance_that_is_served_stays(settings, arrive):
    serve_from(settings.instance_dir, alone=False)

    with pytest.raises(Refused, match="is being served from"):
        arrive()


def test_nobody_writes_to_the_source_meanwhile(settings, url, project):
    with move.moving(settings, url), closing(
        sqlite3.connect(settings.instance_dir / "pionne.db")
    ) as c:
        c.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            c.execute("UPDATE projects SET name = 'x'")


@pytest.mark.usefixtures("full", "small_batches")
def test_a_second_move_to_the_same_database_is_told(copy_some, settings, url, ask):
    with move.moving(settings, url) as moving:
        steps = moving.copy()
        next(steps)
        ask("UPDATE move_progress SET copied = copied + 1")

        with pytest.raises(Refused, match="Another move"):
            list(steps)


def test_an_instance_on_postgresql_does_not_move(settings, postgresql_url, make_app, url):
    there = replace(
        settings, database_url=str(make_url(postgresql_url).set(drivername="postgresql+psycopg"))
    )
    with (
        make_app(there).app_context(),
        pytest.raises(Refused, match="already"),
        move.moving(there, url),
    ):
        pass


def test_an_instance_moves_to_postgresql_only(settings):
    with pytest.raises(Refused, match="postgresql://"), move.moving(
        settings, make_url("sqlite:///x")
    ):
        pass


def test_a_target_that_does_not_answer_is_told_without_its_password(settings):
    nowhere = make_url("postgresql+psycopg://user:hunter2@127.0.0.1:1/none")

    with pytest.raises(Refused) as refusal, move.moving(settings, nowhere):
        pass
    assert "user:***@127.0.0.1:1/none" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.usefixtures("full")
def test_a_target_that_goes_away_is_told_and_the_move_goes_on_later(
    settings, url, ask, arrive, monkeypatch, postgresql
):
    with pytest.raises(Refused, match="it goes on where it was"):
        with move.moving(settings, url) as moving:
            steps = moving.copy()
            next(steps)
            postgresql.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                f" WHERE datname = '{url.database}' AND pid <> pg_backend_pid()"
            )
            list(steps)

    assert arrive()


@pytest.mark.parametrize(
    ("value", "reason"), [("\x00", "NUL"), ("x" * 200, "too long for type character varying")]
)
def test_a_row_that_postgresql_does_not_take_is_named_and_not_shown(
    arrive, fill_feedback, value, reason
):
    """The API lets no such row in; a hand at the file might."""
    fill_feedback(3)
    with write_transaction() as connection:
        connection.execute(
            text("UPDATE feedback SET name = :name WHERE id = 2"), {"name": f"Bob {value}"}
        )

    with pytest.raises(Refused) as refusal:
        arrive()

    assert "a row of feedback, at or before " in str(refusal.value)
    assert reason in str(refusal.value)
    assert "Bob" not in str(refusal.value)


@pytest.mark.usefixtures("full", "small_batches")
def test_rows_are_copied_in_the_order_of_their_key_whatever_it_is(settings, url):
    """A number of rows is all that a resumed move knows."""
    with write_transaction() as connection:
        values = connection.execute(select(*IssueRelease.__table__.columns)).one()._asdict()
        rows = [{**values, "release": release} for release in ("b", "B", "\u00e9", "a", "Z", "z")]
        connection.execute(insert(IssueRelease), rows)

    runs = 0
    while True:
        runs += 1
        with move.moving(settings, url) as moving:
            if next(moving.copy(), None) is None:
                list(moving.verify())
                break
    assert runs > 10


def test_projects_are_moved_with_those_that_wait_for_their_purge(app, arrive, project, clock, ask):
    app.extensions["background_purge"].stop()
    projects.mark_deleted(project.id, confirm=project.name, actor=None, now=clock())
    arrive()

    assert ask("SELECT count(*) FROM projects WHERE deleted_at IS NOT NULL") == [(1,)]
