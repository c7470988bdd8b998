"""Behind PgBouncer, which lends connections for one transaction: docs/scaling.md's recipe, tried.

From the start to the backup and the doctor, with the configuration of deploy/ and as a role with a
password.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy.engine import make_url

from app.config import Settings, read_settings
from app.domain.times import utc_now
from app.services.instance.doctor import Finding, Level, examine
from tests.databases import PostgresqlDatabase
from tests.fixtures.apps import APP_KEY
from tests.live.conftest import ROOT, Server, environment_of
from tests.live.load import post_all
from tests.servers.pgbouncer import PgBouncer
from tests.servers.postgresql import PostgreSQL

ROLE, DATABASE, PASSWORD = "pionne-feedback", "pionne_feedback", "correct-horse"
POOLED = 2
LOCK_SECONDS = 1


@pytest.fixture(scope="module")
def server_of_role() -> Iterator[PostgreSQL]:
    """A PostgreSQL with the role of deploy/README.md, who must give the password."""
    server = PostgreSQL(durable=True)
    server.execute(f"CREATE ROLE \"{ROLE}\" LOGIN PASSWORD '{PASSWORD}'")
    server.ask_for_password(ROLE)
    yield server
    server.remove()


@pytest.fixture(scope="module")
def pgbouncer(pgbouncer_program: Path, server_of_role: PostgreSQL) -> Iterator[PgBouncer]:
    users = {ROLE: PASSWORD}
    port = server_of_role.port
    running = PgBouncer(pgbouncer_program, server_port=port, users=users, pool_size=POOLED)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def empty_instance(
    pgbouncer: PgBouncer, server_of_role: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Its database is not there yet; the service's home has the password."""
    home = tmp_path_factory.mktemp("home")
    passwords = home / ".pgpass"
    passwords.write_text(f"127.0.0.1:*:{DATABASE}:{ROLE}:{PASSWORD}\n")
    passwords.chmod(0o600)
    at = f"postgresql://{ROLE}@127.0.0.1"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(home))  # where libpq looks
        yield read_settings(
            {
                "DATABASE_URL": f"{at}:{pgbouncer.port}/{DATABASE}?prepare_threshold=none",
                "DATABASE_DIRECT_URL": f"{at}:{server_of_role.port}/{DATABASE}",
                "INSTANCE_DIR": str(home),
                "APP_KEY": APP_KEY,
            }
        )


@pytest.fixture(scope="module")
def migrated(empty_instance: Settings, server_of_role: PostgreSQL) -> str:
    """The name of a database that the command has migrated, in place of the instance's."""
    server_of_role.execute(f'CREATE DATABASE {DATABASE} OWNER "{ROLE}" TEMPLATE template0')
    direct = {"DATABASE_DIRECT_URL": empty_instance.database_direct_url}
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        cwd=ROOT,
        env=environment_of(empty_instance, **direct),
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    server_of_role.execute(f"ALTER DATABASE {DATABASE} RENAME TO migrated")
    return "migrated"


@pytest.fixture
def settings(empty_instance: Settings, server_of_role: PostgreSQL, migrated: str) -> Settings:
    """Of an instance behind PgBouncer, whose role has a limit on waiting."""
    server_of_role.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    server_of_role.execute(f'CREATE DATABASE {DATABASE} OWNER "{ROLE}" TEMPLATE {migrated}')
    limit = f"SET lock_timeout = '{LOCK_SECONDS}s'"
    server_of_role.execute(f'ALTER ROLE "{ROLE}" IN DATABASE {DATABASE} {limit}')
    return empty_instance


@pytest.fixture
def database(settings: Settings) -> PostgresqlDatabase:
    """Past the pooler."""
    return PostgresqlDatabase(settings.database_direct_url)


@pytest.fixture
def serve(
    settings: Settings, database: PostgresqlDatabase, valkey_url: str, app
) -> Iterator[Callable[[], Server]]:
    started: list[Server] = []

    def start() -> Server:
        started.append(
            Server(
                settings,
                database,
                WEB_CONCURRENCY="2",
                RATELIMIT_STORAGE_URI=valkey_url,
            )
        )
        return started[-1]

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def found(make_app) -> Callable[[Settings], dict[str, Finding]]:
    """What the doctor finds, by the name of the check."""

    def examined(settings: Settings) -> dict[str, Finding]:
        with make_app(settings).app_context():
            return {finding.check: finding for finding in examine(settings, clock=utc_now)}

    return examined


@contextmanager
def feedback_locked(settings: Settings) -> Iterator[None]:
    """By somebody who does not let go."""
    with psycopg.connect(PostgresqlDatabase(settings.database_direct_url).url) as other:
        other.execute("LOCK TABLE feedback IN ACCESS EXCLUSIVE MODE")
        yield


def test_many_threads_share_few_connections(serve, project, database_rows, server_of_role):
    server = serve()
    bodies = [{"message": f"Message {number}"} for number in range(90)]
    answers = post_all(server.url, project.token, "/feedback", bodies)

    assert {answer.status_code for answer in answers} == {202}
    assert database_rows("SELECT count(*) FROM feedback") == [(90,)]
    asked = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{ROLE}'"
    ((connections,),) = PostgresqlDatabase(server_of_role.url(DATABASE)).rows(asked)
    assert connections <= POOLED + 1  # one more is the test's own
    assert httpx.get(f"{server.url}/readyz").json()["ready"]
    assert "nothing ends a wait" not in server.log()


def test_wait_for_a_lock_ends_with_503_as_without_a_pooler(serve, project, settings):
    server = serve()
    headers = {"X-Pionne-Token": project.token}
    with feedback_locked(settings):
        answer = httpx.post(
            f"{server.url}/feedback", json={"message": "x"}, headers=headers, timeout=60
        )

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_start_and_doctor_say_when_nothing_ends_a_wait(serve, settings, server_of_role, found):
    server_of_role.execute(f'ALTER ROLE "{ROLE}" IN DATABASE {DATABASE} RESET lock_timeout')
    server = serve()
    finding = found(settings)["pooler"]

    assert "nothing ends a wait for a lock: `ALTER ROLE" in server.log()
    assert finding.level is Level.PROBLEM
    assert f'ALTER ROLE "{ROLE}" IN DATABASE "{DATABASE}"' in finding.message


def test_doctor_is_content_with_the_recipe(settings, found):
    findings = found(settings)

    assert [one for one in findings.values() if one.level is Level.PROBLEM] == []
    assert f"a lock ends after {LOCK_SECONDS}s" in findings["pooler"].message
    assert "past the pooler" in findings["direct"].message


def test_doctor_asks_for_a_way_past_the_pooler(settings, found):
    finding = found(replace(settings, database_direct_url=""))["direct"]

    assert finding.level is Level.WARNING
    assert "set DATABASE_DIRECT_URL" in finding.message


@pytest.mark.parametrize(
    ("name", "expected"), [("migrated", "another database"), ("none", "cannot be reached")]
)
def test_doctor_says_where_the_way_past_the_pooler_leads_elsewhere(
    settings, server_of_role, found, name, expected
):
    elsewhere = server_of_role.url(name).replace("postgresql:", "postgresql+psycopg:")
    finding = found(replace(settings, database_direct_url=elsewhere))["direct"]

    assert finding.level is Level.PROBLEM
    assert expected in finding.message


@pytest.mark.parametrize("has_direct", [True, False])
def test_backup_names_an_address_that_pg_dump_takes(settings, make_app, has_direct):
    direct = settings.database_direct_url if has_direct else ""
    app = make_app(replace(settings, database_direct_url=direct))
    said = app.test_cli_runner().invoke(args=["backup", "x"]).stderr

    port = make_url(direct or settings.database_url).port
    assert f" postgresql://{ROLE}@127.0.0.1:{port}/{DATABASE}\n" in said


@pytest.mark.parametrize("has_direct", [True, False])
def test_nightly_backup_is_whole(settings, project, server_of_role, tmp_path, found, has_direct):
    """Without a way past the pooler it goes through it, which pg_dump bears in one transaction."""
    home, place = settings.instance_dir, tmp_path / "backups"
    place.mkdir()
    script = (ROOT / "deploy" / "backup-postgresql").read_text()
    script = script.replace("/var/backups/pionne-feedback", str(place))
    (home / "settings.env").write_text(
        f"DATABASE_URL={settings.database_url}\n"
        + (f"DATABASE_DIRECT_URL='{settings.database_direct_url}'\n" if has_direct else "")
    )
    environment = {
        "PATH": f"{server_of_role.tool('pg_dump').parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "SETTINGS_FILE": str(home / "settings.env"),
        "STATE_DIRECTORY": str(home),
    }
    ended = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr
    (dump,) = place.glob("pionne-*.dump")
    listed = subprocess.run(
        [server_of_role.tool("pg_restore"), "--data-only", "--table=projects", "-f", "-", dump],
        capture_output=True,
        text=True,
    )
    assert "My app" in listed.stdout
    assert found(settings)["backup"].level is Level.OK
