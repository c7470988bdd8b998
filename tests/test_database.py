"""How a process talks to its database: SQLite's settings, reading and writing."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, registry
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import IntegrityError, OperationalError

from app import create_app
from app.database import (
    engine_options,
    insert_unless_exists,
    read_transaction,
    single_read,
    snapshot,
    write_transaction,
)
from app.extensions import db
from app.models import Feedback
from app.writer_queue import DatabaseBusy
from tests.conftest import dispose

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def settings(settings):
    """Nobody waits for SQLite's own lock."""
    return replace(settings, sqlite_busy_seconds=0)


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


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 0)],
)
@pytest.mark.parametrize("transaction", [read_transaction, write_transaction])
def test_sqlite_is_durable_and_keeps_its_references(served, transaction, pragma, value):
    with served.app_context(), transaction() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_busy_timeout_is_the_configured_one(settings, make_app):
    app = make_app(replace(settings, sqlite_busy_seconds=7))
    with app.app_context(), read_transaction() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 7000


@pytest.mark.parametrize(
    ("given", "lowered"), [("ÉLAN", "élan"), ("Straße", "straße"), ("ΑΒΓ", "αβγ"), (None, None)]
)
def test_lower_knows_more_than_ascii(given, lowered):
    with read_transaction() as connection:
        assert (
            connection.execute(text("SELECT lower(:given)"), {"given": given}).scalar() == lowered
        )


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
        connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": n})


@pytest.mark.usefixtures("numbers")
class TestTransactions:
    def test_write_is_committed_at_the_end_of_the_block(self):
        store(1)
        assert stored_numbers() == [1]

    def test_write_is_undone_when_the_block_fails(self):
        with pytest.raises(LookupError), write_transaction() as connection:
            connection.execute(text("INSERT INTO numbers VALUES (1)"))
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
            connection.execute(text("INSERT INTO numbers VALUES (1)"))
            assert stored_numbers() == []

    def test_reader_sees_one_state_while_a_writer_commits(self):
        with read_transaction() as connection:
            count = text("SELECT count(*) FROM numbers")
            before = connection.execute(count).scalar()
            store(1)
            assert connection.execute(count).scalar() == before

    def test_reader_can_not_write_by_mistake(self):
        with read_transaction() as connection:
            connection.execute(text("INSERT INTO numbers VALUES (1)"))
        assert stored_numbers() == []

    def test_writers_of_a_process_queue_instead_of_being_refused(self, patient):
        def write(n):
            with patient.app_context():
                store(n)

        with ThreadPoolExecutor(max_workers=8) as threads:
            list(threads.map(write, range(200)))
        assert stored_numbers() == list(range(200))

    def test_writer_that_waits_too_long_is_refused(self, app):
        with write_transaction(), pytest.raises(DatabaseBusy):
            store(1)

    def test_writer_is_refused_while_another_process_writes(self, locked_database):
        with pytest.raises(OperationalError, match="locked"):
            store(1)

    def test_writer_works_again_when_the_other_process_is_done(self, locked_database):
        with pytest.raises(OperationalError):
            store(1)
        locked_database.rollback()
        store(2)
        assert stored_numbers() == [2]

    def test_writer_shuts_others_out_from_its_first_read_on(self, settings):
        """One that only asked for the lock at its first write could find its reads outdated."""
        path = settings.instance_dir / "pionne.db"
        with write_transaction(), closing(sqlite3.connect(path, timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("INSERT INTO numbers VALUES (1)")

    def test_single_read_begins_nothing(self):
        store(1)
        with single_read() as connection:
            assert connection.execute(text("SELECT n FROM numbers")).scalar() == 1
            assert not connection.connection.driver_connection.in_transaction
        store(2)  # the connection went back as it was
        with write_transaction() as connection:
            assert connection.connection.driver_connection.in_transaction

    def test_reader_works_while_another_process_writes(self, locked_database):
        assert stored_numbers() == []

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
            {"hide_parameters": True, "pool_size": 3, "pool_pre_ping": True},
        ),
    ],
)
def test_engine_has_a_connection_for_each_thread(url, expected):
    assert engine_options(url=url, threads=3, sqlite_busy_seconds=5) == expected


class PostgresWithoutServer(PGDialect):
    """PostgreSQL's dialect on a driver that is always there and never used."""

    driver = "none"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls):
        return sqlite3


def test_writers_do_not_queue_on_postgresql(settings, make_app):
    registry.register("postgresql.none", __name__, "PostgresWithoutServer")
    app = make_app(replace(settings, database_url="postgresql+none://h/db"))
    with app.app_context():
        assert app.extensions["write_transaction"] == db.engine.begin


def test_insert_unless_exists_is_spelled_for_postgresql():
    statement = insert_unless_exists("postgresql", Feedback, "duplicate_key")
    compiled = str(statement.compile(dialect=postgresql.dialect()))
    assert compiled.endswith("ON CONFLICT (duplicate_key) DO NOTHING")


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
