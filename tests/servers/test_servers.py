"""The servers are what they are taken for."""

import signal

import psycopg
import pytest

from tests.databases import PostgresqlDatabase
from tests.servers.system_programs import system_program


@pytest.fixture
def next_test(reused_database):
    """The database as the next test gets it, or the next but one."""
    return lambda: PostgresqlDatabase(reused_database.fresh_url())


class TestReusedDatabase:
    def test_has_no_row_and_counts_ids_from_1(self, next_test):
        account = "INSERT INTO accounts (email, email_key, password_hash, created_at) VALUES "
        for email in ("a@example.com", "b@example.com"):
            database = next_test()
            database.execute(f"{account} ('{email}', '{email}', 'none', now())")
            assert database.rows("SELECT id, email FROM accounts") == [(1, email)]

    def test_is_the_same_as_long_as_its_schema_is(self, next_test):
        assert next_test().url == next_test().url

    @pytest.mark.parametrize(
        "statement",
        [
            "DROP TABLE feedback CASCADE",
            "DROP TABLE alembic_version",
            "DELETE FROM alembic_version",
            "CREATE TABLE another (n integer)",
            "ALTER TABLE feedback ADD COLUMN another integer",
            "ALTER TABLE feedback DROP CONSTRAINT ck_feedback_status",
            "CREATE INDEX another ON feedback (email)",
            "CREATE FUNCTION another() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        ],
    )
    def test_is_another_one_when_a_test_touched_its_schema(self, next_test, statement):
        first = next_test()
        first.execute(statement)
        second = next_test()
        assert second.url != first.url
        assert second.rows("SELECT count(*) FROM feedback") == [(0,)]


def test_postgresql_drops_a_database_that_is_no_longer_needed_with_the_next_one(postgresql):
    first = postgresql.fresh_database()
    postgresql.drop_later(first)
    postgresql.drop_later(postgresql.fresh_database())

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(first)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_durable_postgresql_comes_back_with_what_was_committed(durable_postgresql, how):
    durable_postgresql.execute("CREATE TABLE kept (n integer)", database="migrated")
    durable_postgresql.execute("INSERT INTO kept VALUES (7)", database="migrated")
    durable_postgresql.stop(how)
    durable_postgresql.start()

    with psycopg.connect(durable_postgresql.url("migrated")) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]


def test_valkey_comes_back_at_the_same_address(own_valkey):
    address = own_valkey.connection_url
    own_valkey.stop()
    assert not own_valkey.is_running()
    own_valkey.start()

    assert own_valkey.connection_url == address
    with own_valkey.client() as client:
        assert client.ping()


def test_missing_program_skips_a_test_in_one_line_that_says_what_to_install(monkeypatch):
    monkeypatch.delenv("REQUIRE_ALL", raising=False)
    with pytest.raises(pytest.skip.Exception) as skipped:
        system_program("no-such-program", package="such-package")
    assert str(skipped.value) == (
        "Did not run: no-such-program is not installed (Debian: apt-get install such-package)."
    )


def test_missing_program_fails_a_test_where_all_are_required(monkeypatch):
    monkeypatch.setenv("REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="such-package.*REQUIRE_ALL=1"):
        system_program("no-such-program", package="such-package")


def test_program_that_is_there_is_found_by_any_of_its_names():
    assert system_program("no-such-program", "sh", package="dash").name == "sh"
