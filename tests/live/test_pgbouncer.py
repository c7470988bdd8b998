"""Behind PgBouncer, which lends connections for one transaction: docs/scaling.md's recipe, tried.

From the start to the backup and the doctor, with the configuration of deploy/ and as a role with a
password.
"""

import json
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

from app.config import Settings, read_settings
from tests.conftest import APP_KEY
from tests.databases import PostgresqlDatabase
from tests.live.conftest import ROOT, Server, environment_of
from tests.live.load import post_all
from tests.servers.pgbouncer import PgBouncer
from tests.servers.postgresql import PostgreSQL

ROLE, DATABASE, PASSWORD = "pionne-feedback", "pionne_feedback", "correct-horse"
POOLED = 2
_COMMAND = "from app.entrypoints.command_line import main; main()"
LOCK_SECONDS = 1


@pytest.fixture
def server_of_role() -> Iterator[PostgreSQL]:
    """A PostgreSQL of the test's own, with the role and the database of deploy/README.md."""
    server = PostgreSQL(durable=True)
    for statement in (
        f"CREATE ROLE \"{ROLE}\" LOGIN PASSWORD '{PASSWORD}'",
        f'CREATE DATABASE {DATABASE} OWNER "{ROLE}" TEMPLATE template0',
        f"ALTER ROLE \"{ROLE}\" IN DATABASE {DATABASE} SET lock_timeout = '{LOCK_SECONDS}s'",
    ):
        server.execute(statement)
    server.ask_for_password(ROLE)
    yield server
    server.remove()


@pytest.fixture
def pgbouncer(pgbouncer_program: Path, server_of_role: PostgreSQL) -> Iterator[PgBouncer]:
    users = {ROLE: PASSWORD}
    port = server_of_role.port
    running = PgBouncer(pgbouncer_program, server_port=port, users=users, pool_size=POOLED)
    yield running
    running.stop()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The service's, with the password in it."""
    passwords = tmp_path / ".pgpass"
    passwords.write_text(f"127.0.0.1:*:{DATABASE}:{ROLE}:{PASSWORD}\n")
    passwords.chmod(0o600)
    return tmp_path


@pytest.fixture
def settings(
    pgbouncer: PgBouncer, server_of_role: PostgreSQL, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Of a migrated instance behind PgBouncer."""
    monkeypatch.setenv("HOME", str(home))  # where libpq looks for the password
    at = f"postgresql://{ROLE}@127.0.0.1"
    environment = {
        "DATABASE_URL": f"{at}:{pgbouncer.port}/{DATABASE}?prepare_threshold=none",
        "DATABASE_DIRECT_URL": f"{at}:{server_of_role.port}/{DATABASE}",
        "INSTANCE_DIR": str(home),
        "APP_KEY": APP_KEY,
    }
    made = read_settings(environment)
    assert command(made, "db", "upgrade").returncode == 0
    return made


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


def command(
    settings: Settings, *arguments: str, **changes: str
) -> subprocess.CompletedProcess[str]:
    """`pionne-feedback …` on that instance."""
    direct = {"DATABASE_DIRECT_URL": settings.database_direct_url}
    return subprocess.run(
        [sys.executable, "-c", _COMMAND, *arguments],
        cwd=ROOT,
        env=environment_of(settings, **direct, **changes),
        capture_output=True,
        text=True,
    )


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


def test_start_and_doctor_say_when_nothing_ends_a_wait(
    serve, settings, pgbouncer, server_of_role, project
):
    server_of_role.execute(f'ALTER ROLE "{ROLE}" IN DATABASE {DATABASE} RESET lock_timeout')
    end_connections(server_of_role)
    server = serve()
    found = findings(settings)

    assert "nothing ends a wait for a lock: `ALTER ROLE" in server.log()
    assert found["pooler"]["status"] == "problem"
    assert f'ALTER ROLE "{ROLE}" IN DATABASE "{DATABASE}"' in found["pooler"]["message"]


def test_doctor_is_content_with_the_recipe(settings, project):
    found = findings(settings)

    assert {name for name, finding in found.items() if finding["status"] == "problem"} == set()
    assert found["pooler"]["message"].startswith(f"A wait for a lock ends after {LOCK_SECONDS}s")
    assert "past the pooler" in found["direct"]["message"]


def test_doctor_asks_for_a_way_past_the_pooler(settings):
    found = findings(replace(settings, database_direct_url=""))

    assert found["direct"]["status"] == "warning"
    assert "set DATABASE_DIRECT_URL" in found["direct"]["message"]


@pytest.mark.parametrize(
    ("database", "expected"), [("postgres", "another database"), ("none", "cannot be reached")]
)
def test_doctor_says_where_the_way_past_the_pooler_leads_elsewhere(
    settings, server_of_role, database, expected
):
    elsewhere = server_of_role.url(database)
    found = findings(replace(settings, database_direct_url=elsewhere))

    assert found["direct"]["status"] == "problem"
    assert expected in found["direct"]["message"]


def test_backup_command_names_the_way_past_the_pooler(settings):
    direct = settings.database_direct_url.replace("+psycopg", "")

    assert direct in command(settings, "backup", "x").stderr
    without = command(replace(settings, database_direct_url=""), "backup", "x").stderr
    assert "pg_dump" in without and "prepare_threshold" not in without


@pytest.mark.parametrize("has_direct", [True, False])
def test_nightly_backup_is_whole(settings, project, server_of_role, home, tmp_path, has_direct):
    """Without a way past the pooler it goes through it, which pg_dump bears in one transaction."""
    place = tmp_path / "backups"
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
    assert findings(settings)["backup"]["status"] == "ok"


def findings(settings: Settings) -> dict[str, dict[str, str]]:
    said = json.loads(command(settings, "doctor", "--json").stdout)
    return {finding["check"]: finding for finding in said["findings"]}


def end_connections(server: PostgreSQL) -> None:
    """Of the pooler to the server, which have what the role was given when they were made."""
    server.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{ROLE}'"
    )
