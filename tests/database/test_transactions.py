"""How a process talks to its database: SQLite's settings, reading and writing."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import replace

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError

from app import create_app
from app.database import (
    read_transaction,
    single_statements,
    snapshot,
    write_transaction,
)
from app.database.engine import engine_options
from app.database.write_group import DatabaseBusy
from app.extensions import db
from tests.fixtures.apps import dispose

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def settings(settings):
    """Nobody waits for the database's own locks."""
    return replace(settings, sqlite_busy_seconds=0, postgresql_busy_seconds=0)


@pytest.fixture
def served(settings):
    """An app as it is served, which waits for the disk."""
    app = create_app(settings)
    yield app
    dispose(app)


@pytest.fixture
def patient(settings, make_app):
    """An app whose writers wait for each other."""
    return make_app(replace(settings, sqlite_busy_seconds=30))


@pytest.mark.sqlite_only("it is about SQLite's settings")
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 0)],
)
@pytest.mark.parametrize("transaction", [read_transaction, write_transaction])
def test_sqlite_is_durable_and_keeps_its_references(served, transaction, pragma, value):
    with served.app_context(), transaction() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


@pytest.mark.sqlite_only("it is about SQLite's settings")
def test_busy_timeout_is_the_configured_one(settings, make_app):
    app = make_app(replace(settings, sqlite_busy_seconds=7))
    with app.app_context(), read_transaction() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 7000


@pytest.fixture
def numbers(context):
    """A table of one column."""
    with write_transaction() as connection:
        connection.execute(text("CREATE TABLE numbers (n INTEGER UNIQUE)"))


def stored_numbers():
    with read_transaction() as connection:
        return list(connection.execute(text("SELECT n FROM numbers ORDER BY n")).scalars())


def store(n):
    with write_transaction() as connection:
        connection.execute(text("INSERT INTO numbers (n) VALUES (:n)"), {"n": n})


def in_transaction(connection):
    """By what the driver says."""
    driver_connection = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return driver_connection.in_transaction
    return driver_connection.info.transaction_status != TransactionStatus.IDLE


@pytest.mark.usefixtures("numbers")
class TestTransactions:
    def test_write_is_committed_at_the_end_of_the_block(self):
        store(1)
        assert stored_numbers() == [1]

    def test_write_is_undone_when_the_block_fails(self):
        with pytest.raises(LookupError), write_transaction() as connection:
            connection.execute(text("INSERT INTO numbers (n) VALUES (1)"))
            raise LookupError
        assert stored_numbers() == []

    def test_next_write_works_after_a_failed_one(self):
        store(1)
        with pytest.raises(IntegrityError):
            store(1)
        store(2)
        assert stored_numbers() == [1, 2]

    def test_reader_does_not_see_what_is_not_committed(self):
        with write_transaction() as connection:
            connection.execute(text("INSERT INTO numbers (n) VALUES (1)"))
            assert stored_numbers() == []

    @pytest.mark.sqlite_only("PostgreSQL's readers ask for that with `snapshot`")
    def test_reader_sees_one_state_while_a_writer_commits(self):
        with read_transaction() as connection:
            count = text("SELECT count(*) FROM numbers")
            before = connection.execute(count).scalar()
            store(1)
            assert connection.execute(count).scalar() == before

    def test_reader_can_not_write_by_mistake(self, settings):
        is_refused = not settings.database_url.startswith("sqlite")
        with pytest.raises(InternalError, match="read-only") if is_refused else nullcontext():
            with read_transaction() as connection:
                connection.execute(text("INSERT INTO numbers (n) VALUES (1)"))
        assert stored_numbers() == []
        store(2)
        assert stored_numbers() == [2]

    def test_writers_of_a_process_queue_instead_of_being_refused(self, patient):
        def write(n):
            with patient.app_context():
                store(n)

        with ThreadPoolExecutor(max_workers=8) as threads:
            list(threads.map(write, range(200)))
        assert stored_numbers() == list(range(200))

    @pytest.mark.sqlite_only("PostgreSQL's writers do not queue")
    def test_writer_that_waits_too_long_is_refused(self, app):
        with write_transaction(), pytest.raises(DatabaseBusy):
            store(1)

    def test_writer_is_refused_while_another_process_writes(self, locked_database):
        with pytest.raises(OperationalError, match="locked|lock timeout"):
            store(1)

    def test_writer_works_again_when_the_other_process_is_done(self, locked_database):
        with pytest.raises(OperationalError):
            store(1)
        locked_database.rollback()
        store(2)
        assert stored_numbers() == [2]

    @pytest.mark.sqlite_only("PostgreSQL locks rows")
    def test_writer_shuts_others_out_from_its_first_read_on(self, settings):
        """One that only asked for the lock at its first write could find its reads outdated."""
        path = settings.instance_dir / "pionne.db"
        with write_transaction(), closing(sqlite3.connect(path, timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("INSERT INTO numbers (n) VALUES (1)")

    @pytest.mark.postgresql_only("SQLite's transactions cost nothing")
    def test_single_statement_begins_nothing(self):
        store(1)
        with single_statements() as connection:
            assert connection.execute(text("SELECT n FROM numbers")).scalar() == 1
            status = connection.connection.driver_connection.info.transaction_status
            assert status == TransactionStatus.IDLE

    @pytest.mark.sqlite_only("PostgreSQL's driver begins by itself")
    def test_whoever_uses_the_engine_or_its_session_is_in_a_transaction(self):
        """The driver would begin none: plugins' writes would be there before their commit."""
        with db.engine.connect() as connection:
            connection.execute(text("INSERT INTO numbers (n) VALUES (1)"))
            assert in_transaction(connection)
        db.session.execute(text("INSERT INTO numbers (n) VALUES (2)"))
        db.session.rollback()
        assert stored_numbers() == []

    def test_reader_works_while_another_process_writes(self, locked_database):
        assert stored_numbers() == []

    @pytest.mark.sqlite_only("PostgreSQL does; so no error's text is ever shown or logged")
    def test_error_does_not_quote_what_was_written(self):
        with pytest.raises(IntegrityError) as error:
            for _ in range(2):
                store(4711)
        assert "4711" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "sqlite:///x.db",
            {"hide_parameters": True, "pool_size": 3, "connect_args": {"timeout": 5}},
        ),
        (
            "postgresql+psycopg://h/db",
            {"hide_parameters": True, "pool_size": 3},
        ),
    ],
)
@pytest.mark.sqlite_only("no database is used")
def test_engine_has_a_connection_for_each_thread(url, expected):
    options = engine_options(url=url, threads=3, sqlite_busy_seconds=5, postgresql_busy_seconds=6)
    assert options | expected == options


@pytest.mark.postgresql_only("SQLite's is above")
class TestWaitingForPostgresql:
    @pytest.mark.parametrize(("seconds", "timeout"), [(7, "7s"), (0, "1ms")])
    def test_statements_wait_for_locks_as_long_as_the_setting_says(
        self, settings, make_app, seconds, timeout
    ):
        app = make_app(replace(settings, postgresql_busy_seconds=seconds))
        with app.app_context(), read_transaction() as connection:
            assert connection.execute(text("SHOW lock_timeout")).scalar() == timeout

    @pytest.mark.parametrize(
        ("query", "prepared"), [("", True), ("?prepare_threshold=none", False)]
    )
    def test_statements_are_prepared_unless_a_pooler_cannot_bear_it(
        self, settings, make_app, query, prepared
    ):
        app = make_app(replace(settings, database_url=settings.database_url + query))
        with app.app_context(), read_transaction() as connection:
            for _ in range(10):  # psycopg begins at the sixth
                connection.execute(text("SELECT 1"))
            counted = text("SELECT count(*) FROM pg_prepared_statements")
            assert (connection.execute(counted).scalar_one() > 0) is prepared

    def test_address_says_otherwise(self, settings, make_app):
        url = f"{settings.database_url}?options=-clock_timeout%3D42ms"
        with make_app(replace(settings, database_url=url)).app_context():
            with read_transaction() as connection:
                assert connection.execute(text("SHOW lock_timeout")).scalar() == "42ms"

    @pytest.mark.parametrize("option", ["connect_timeout", "tcp_user_timeout", "keepalives_idle"])
    def test_connection_does_not_wait_for_ever_for_a_server_that_vanished(self, option):
        options = engine_options(
            url="postgresql+psycopg://h/db",
            threads=1,
            sqlite_busy_seconds=0,
            postgresql_busy_seconds=0,
        )
        assert 0 < options["connect_args"][option] <= 15_000


@pytest.mark.postgresql_only("SQLite's writers queue")
def test_writers_work_side_by_side_on_postgresql(numbers):
    with write_transaction() as connection:
        connection.execute(text("INSERT INTO numbers (n) VALUES (1)"))
        store(2)
    assert stored_numbers() == [1, 2]


def test_what_is_read_in_a_snapshot_is_of_one_moment(numbers):
    with snapshot():
        before = stored_numbers()
        store(7)
        assert stored_numbers() == before == []
    assert stored_numbers() == [7]


def test_snapshot_inside_another_is_of_the_same_moment(numbers):
    with snapshot():
        before = stored_numbers()
        store(7)
        with snapshot():
            assert stored_numbers() == before == []
        assert stored_numbers() == []
    assert stored_numbers() == [7]
