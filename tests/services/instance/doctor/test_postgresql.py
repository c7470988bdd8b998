"""A real PostgreSQL, well and not."""

import os
from dataclasses import replace

import psycopg
import pytest

from app.config import read_settings
from app.services.instance.doctor import Level, postgresql
from tests.database.failing_databases import role

pytestmark = pytest.mark.postgresql_only("it is about PostgreSQL")


@pytest.fixture
def at(settings):
    """Settings with that database."""
    return lambda url: replace(
        settings, database_url=read_settings({"DATABASE_URL": url}).database_url
    )


@pytest.fixture
def execute(postgresql_url):
    def run(statement):
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute(statement)

    return run


def test_server_that_is_well_is_well_in_every_respect(diagnose, at, durable_postgresql):
    found = diagnose(at(durable_postgresql.url("migrated")))
    levels = {check: found[check][0].level for check in ("database", "journal", "integrity")}
    assert set(levels.values()) == {Level.OK}
    assert found["migrations"][0].level is Level.OK
    assert found["database"][0].message.startswith("PostgreSQL ")


def test_server_that_does_not_wait_for_its_disk_is_told(problem, at, postgresql_url):
    message = problem("journal", at(postgresql_url))
    assert message.startswith(
        "fsync is off, full_page_writes is off, synchronous_commit is off: a power cut loses"
    )


def test_server_that_gets_no_more_fixes_is_told(warning, at, postgresql_url, monkeypatch):
    monkeypatch.setattr(postgresql, "_OLDEST_MAJOR", 99)
    assert "gets no more fixes: upgrade to 99" in warning("database", at(postgresql_url))


def test_server_that_is_away_is_told_without_its_password(diagnose, at):
    found = diagnose(at("postgresql://user:hunter2@127.0.0.1:1/none"))
    (finding,) = found["database"]
    assert finding.level is Level.PROBLEM
    assert "user:***@127.0.0.1:1/none cannot be reached: " in finding.message
    assert "hunter2" not in str(found)
    assert "migrations" not in found


def test_database_that_is_not_there_is_told(problem, at, postgresql):
    message = problem("database", at(postgresql.url("nonsense")))
    assert 'database "nonsense" does not exist' in message


def test_database_without_tables_is_told(problem, at, empty_postgresql_url):
    message = problem("migrations", at(empty_postgresql_url))
    assert "has no tables yet: run `pionne-feedback db upgrade`" in message


def test_tables_that_may_not_be_read_are_told(diagnose, at, postgresql, empty_postgresql_url):
    url = empty_postgresql_url
    name = url.rpartition("/")[2]
    postgresql.execute("DROP ROLE IF EXISTS stranger")
    postgresql.execute("CREATE ROLE stranger LOGIN")
    postgresql.execute("CREATE TABLE alembic_version (version_num text)", database=name)
    (finding,) = diagnose(at(url.replace("postgres@", "stranger@")))["database"][:1]
    assert finding.level is Level.PROBLEM
    assert "permission denied for table alembic_version" in finding.message


def test_database_that_takes_any_bytes_for_text_is_told(diagnose, at, ascii_postgresql_url):
    found = diagnose(at(ascii_postgresql_url))
    (finding,) = found["encoding"]
    assert finding.level is Level.PROBLEM
    assert "keeps text as SQL_ASCII" in finding.message
    assert "ENCODING 'UTF8'" in finding.message
    assert found["database"][0].level is Level.OK


def test_encoding_that_holds_every_letter_is_fine(fine, at, postgresql_url):
    assert fine("encoding", at(postgresql_url)) == "Text is kept as UTF-8."


def test_damage_that_the_server_has_noticed_is_told(problem, at, postgresql_url, execute):
    """In place of the server's own view, since damaging its files would end it."""
    execute("CREATE VIEW public.pg_stat_database AS SELECT 3 AS checksum_failures")
    name = postgresql_url.rpartition("/")[2]
    execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog")
    assert "read 3 damaged pages: restore a backup" in problem("integrity", at(postgresql_url))


def test_server_that_notices_no_damage_is_told(fine, at, postgresql_url, monkeypatch):
    real = postgresql._show
    monkeypatch.setattr(
        postgresql, "_show", lambda c, name: "off" if name == "data_checksums" else real(c, name)
    )
    assert "`pg_checksums --enable`" in fine("integrity", at(postgresql_url))


def test_nothing_is_written(at, postgresql_url):
    url = at(postgresql_url).database_url
    with pytest.raises(Exception, match="read-only transaction"):
        with postgresql.reading(url) as connection:
            connection.exec_driver_sql("CREATE TABLE x (n integer)")


def test_right_to_write_that_is_missing_is_a_problem(problem, at, postgresql_url):
    with role(postgresql_url, f"doctored_{os.getpid()}") as url:
        assert problem("writes", at(url)).startswith("The service lacks the right to write")


def test_server_that_takes_no_writes_is_a_problem(problem, at, postgresql_url):
    url = f"{postgresql_url}?options=-cdefault_transaction_read_only%3Don"
    assert problem("writes", at(url)).startswith("The database takes no writes")


def test_standby_is_a_problem(problem, at, durable_postgresql):
    durable_postgresql.restart_as_standby()
    assert problem("writes", at(durable_postgresql.url("migrated"))).startswith(
        "The database takes no writes"
    )


def test_standby_is_not_ready(make_app, at, durable_postgresql):
    durable_postgresql.restart_as_standby()
    answer = make_app(at(durable_postgresql.url("migrated"))).test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json()["checks"]["writes"]["message"].startswith(
        "The database takes no writes"
    )
