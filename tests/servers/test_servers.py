"""The servers are what they are taken for."""

import signal

import psycopg
import pytest

from tests.servers.system_programs import system_program


def test_each_test_gets_a_postgresql_database_with_every_table_and_no_row(postgresql_rows):
    assert postgresql_rows("SELECT count(*) FROM feedback") == [(0,)]


def test_postgresql_that_is_asked_for_a_second_database_drops_the_first(postgresql):
    first = postgresql.fresh_database()
    postgresql.fresh_database()

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
