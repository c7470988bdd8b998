"""What deploy/ hands out agrees with the service and with itself."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from app.blueprints.sentry.bodies import SENT_MAX_BYTES
from app.config import read_settings
from tests.servers.system_programs import system_program

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
SERVICES = sorted(path.name for path in DEPLOY.glob("*.service"))
# systemd's own measure, of 10; beyond 2 it is no longer "OK".
MOST_EXPOSED = 1.5
# These differ from service to service; all else in [Service] is how it is shut in, or who it is.
_OWN = {
    *("Type", "NotifyAccess", "ExecStart", "ExecReload", "ReadWritePaths", "Nice"),
    *("KillMode", "TimeoutStartSec", "TimeoutStopSec", "Restart", "RestartSec", "LimitNOFILE"),
}


@pytest.fixture
def systemd_analyze() -> Path:
    return system_program("systemd-analyze", package="systemd")


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """All units, as if the programs they start were installed."""
    made = []
    for unit in DEPLOY.iterdir():
        if unit.suffix in (".service", ".socket", ".timer"):
            text = re.sub(r"/opt/pionne-feedback/\.venv/bin/[\w-]+", "/bin/true", read(unit.name))
            made.append(tmp_path / unit.name)
            made[-1].write_text(text)
    return made


def test_nginx_takes_bodies_as_large_as_the_service_and_no_larger():
    settings, sample = read_settings({}), read("nginx.conf")
    usual, of_events = str(settings.max_body_bytes), str(settings.max_event_body_bytes)
    of_envelopes = str(SENT_MAX_BYTES)
    # The last one is where nginx answers itself, when all has been refused already.
    limits = re.findall(r"client_max_body_size (\d+);", sample)
    assert limits == [usual, of_events, of_envelopes, "0"]
    assert re.findall(r"client_body_buffer_size (\d+);", sample) == limits[:-1]
    told = re.search(r"map \$request_uri \$pionne_body_limit \{\n(.*?)\}", sample, re.DOTALL)[1]
    assert re.findall(r" (\d+);", told) == [usual, of_events, of_envelopes]


def test_nginx_asks_where_systemd_listens():
    (listening,) = re.findall(r"^ListenStream=(\S+)$", read("pionne-feedback.socket"), re.M)

    assert f"    server {listening} " in read("nginx.conf")


def test_a_host_that_boots_faster_than_its_network_listens_all_the_same():
    """Else the socket fails, and the service with it, until somebody starts them by hand."""
    assert lines("pionne-feedback.socket", "FreeBind") == ["yes"]


def test_connections_of_nginx_end_before_gunicorn_ends_them():
    """Else a request may arrive on a connection that is being closed."""
    upstream = re.search(r"keepalive_timeout (\d+)s;  # gunicorn", read("nginx.conf"))

    assert upstream and int(upstream[1]) < gunicorn_setting("keepalive")


def test_systemd_waits_longer_for_the_end_than_gunicorn_for_its_workers():
    (waits,) = lines("pionne-feedback.service", "TimeoutStopSec")

    assert int(waits) > gunicorn_setting("graceful_timeout")


def test_every_service_is_shut_in_alike():
    assert len({tuple(shut_in(name)) for name in SERVICES}) == 1


@pytest.mark.parametrize("name", SERVICES)
def test_services_start_nothing_that_a_small_debian_lacks(name):
    started = {
        line.split()[0] for kind in ("Start", "Reload") for line in lines(name, f"Exec{kind}")
    }

    assert {Path(program).parent for program in started - {"/bin/sh"}} == {
        Path("/opt/pionne-feedback/.venv/bin")
    }


def test_systemd_finds_nothing_wrong_with_the_units(systemd_analyze, units):
    verified = subprocess.run(
        [systemd_analyze, "verify", "--man=no", *units], capture_output=True, text=True
    )

    said = [line for line in verified.stderr.splitlines() if "pionne" in line]
    assert (verified.returncode, said) == (0, [])


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_as_little_exposed_as_systemd_can_tell(systemd_analyze, units, name):
    (unit,) = (unit for unit in units if unit.name == name)
    judged = subprocess.run(
        [
            systemd_analyze,
            "security",
            "--offline=yes",
            f"--threshold={MOST_EXPOSED * 10:.0f}",
            unit,
        ],
        capture_output=True,
        text=True,
    )

    assert judged.returncode == 0, judged.stdout


@pytest.mark.parametrize("is_for_many", [False, True])
def test_settings_handed_out_are_settings(tmp_path, is_for_many):
    text = read("settings.env")
    if is_for_many:
        text = re.sub(r"^#(\w+=)", r"\1", text, flags=re.M)
    (tmp_path / "settings.env").write_text(text)
    settings = read_settings({"SETTINGS_FILE": str(tmp_path / "settings.env")})

    assert settings.trusted_proxies == 1
    assert (settings.workers > 1) is is_for_many
    assert settings.database_url.startswith("postgresql") is is_for_many


def test_the_units_read_the_settings_that_the_commands_read():
    (of_service,) = lines("pionne-feedback.service", "Environment")

    assert of_service in read("pionne-feedback")


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def lines(unit: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", read(unit), re.M)


def shut_in(unit: str) -> list[str]:
    _, _, service = read(unit).partition("[Service]\n")
    settings = [line for line in service.partition("\n[")[0].splitlines() if "=" in line]
    return [line for line in settings if line[0] != "#" and line.partition("=")[0] not in _OWN]


def gunicorn_setting(name: str) -> int:
    found = re.search(
        rf"^{name} = (\d+)$", (ROOT / "app/entrypoints/gunicorn_settings.py").read_text(), re.M
    )
    assert found
    return int(found[1])


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ("DATABASE_URL=postgresql://h/db", "postgresql://h/db"),
        ("DATABASE_URL='postgres://u@h/db?sslmode=require'", "postgresql://u@h/db?sslmode=require"),
        ('DATABASE_URL="postgresql+psycopg://h/db"', "postgresql://h/db"),
        ("DATABASE_URL=postgresql://h/db?prepare_threshold=none", "postgresql://h/db"),
        (
            "DATABASE_URL=postgresql://h/db?prepare_threshold=none&sslmode=require",
            "postgresql://h/db?sslmode=require",
        ),
        (
            "DATABASE_URL=postgresql://h/db?sslmode=require&prepare_threshold=none",
            "postgresql://h/db?sslmode=require",
        ),
        (
            "DATABASE_DIRECT_URL=postgres://direct/db\nDATABASE_URL=postgresql://pooler/db",
            "postgresql://direct/db",
        ),
    ],
)
def test_nightly_backup_finds_the_server_itself_as_its_tools_spell_it(tmp_path, settings, address):
    """Up to `pg_dump`, which is one that says what it is given."""
    (tmp_path / "settings.env").write_text(f"{settings}\n")
    (tmp_path / "pg_dump").write_text('#!/bin/sh\nfor last; do :; done; echo "$last" >&2; exit 7\n')
    (tmp_path / "pg_dump").chmod(0o755)
    script = read("backup-postgresql").replace("/var/backups/pionne-feedback", str(tmp_path))
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "SETTINGS_FILE": str(tmp_path / "settings.env"),
    }
    ended = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (7, f"{address}\n")
