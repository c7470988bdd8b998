"""`pionne-feedback doctor`: what it prints, how it exits, and that no broken instance breaks it."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from app.services.instance.doctor import Level
from tests.live.conftest import ROOT, environment_of

pytestmark = pytest.mark.sqlite_only(
    "the tests' PostgreSQL forgets on a power cut, which it finds: tests/services/instance/doctor"
)


@pytest.fixture
def clock(clock):
    clock.time = datetime(2027, 1, 1, 12, tzinfo=UTC)
    return clock


@pytest.fixture
def backed_up(settings):
    path = settings.instance_dir / "last-backup.json"  # any file that is there
    path.write_text(json.dumps({"at": "2026-12-31T12:00:00Z", "path": str(path)}))


@pytest.fixture
def in_wal_mode(app, project):
    """As the service leaves it."""


@pytest.mark.usefixtures("backed_up", "in_wal_mode")
def test_instance_that_is_well_exits_0(run):
    result = run("doctor")
    assert (result.exit_code, result.errors) == (0, "")
    assert {line.split()[0] for line in result.printed.splitlines()} == {"ok"}


@pytest.mark.usefixtures("in_wal_mode")
def test_fresh_instance_exits_0(run):
    assert run("doctor").exit_code == 0


@pytest.mark.usefixtures("in_wal_mode")
def test_warning_exits_1_and_is_marked(run, clock):
    clock.advance(days=3)
    result = run("doctor")
    assert result.exit_code == 1
    (line,) = [line for line in result.printed.splitlines() if not line.startswith("ok ")]
    assert line.startswith("warning  backup      No backup is known")


def test_problem_exits_2_and_is_marked(run, settings):
    (settings.instance_dir / "pionne.db").unlink()
    result = run("doctor")
    assert result.exit_code == 2
    assert "\nPROBLEM  database    There is no database at" in result.printed


@pytest.mark.usefixtures("in_wal_mode")
def test_backup_by_command_is_seen(run, tmp_path):
    assert run("backup", str(tmp_path / "copy.db")).exit_code == 0
    result = run("doctor")
    assert result.exit_code == 0
    assert f"The last backup is of 2027-01-01T12:00:00Z, 0 days old: {tmp_path}" in result.printed


@pytest.mark.usefixtures("in_wal_mode")
def test_json_is_one_object_with_the_same(run, clock):
    clock.advance(days=3)
    lines = run("doctor").printed.splitlines()
    result = run("doctor", "--json")
    assert result.exit_code == 1
    assert result.json["status"] == "warning"
    assert [one["check"] for one in result.json["findings"]] == [line.split()[1] for line in lines]
    assert {one["status"] for one in result.json["findings"]} == {"ok", "warning"}


def test_thorough_look_is_asked_for(run, in_wal_mode):
    assert "integrity_check" not in run("doctor").printed
    assert "integrity_check finds nothing" in run("doctor", "--thorough").printed


def test_exit_codes_are_those_of_the_levels():
    assert list(map(int, (Level.OK, Level.WARNING, Level.PROBLEM))) == [0, 1, 2]


def flask(settings, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=environment_of(settings, **environment),
    )


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"PORT": "eighty"}, "PORT must be a whole number"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL is no database's URL"),
        ({"RATELIMIT_STORAGE_URI": "nonsense://x"}, "RATELIMIT_STORAGE_URI cannot be used"),
        ({"BLUEPRINTS": "ingest,nonsense"}, "BLUEPRINTS names 'nonsense'"),
        ({"SETTINGS_FILE": "/nowhere/at/all"}, "SETTINGS_FILE /nowhere/at/all cannot be read"),
        ({"APP_KEY": "", "APP_KEY_FILE": str(ROOT)}, f"{ROOT} cannot be read as a key"),
    ],
    ids=str,
)
def test_setting_that_can_not_be_used_is_a_line(settings, environment, expected):
    ended = flask(settings, "doctor", **environment)
    assert (ended.returncode, ended.stderr) == (2, "")
    (line,) = ended.stdout.splitlines()
    assert line.startswith(f"PROBLEM  settings    {expected}")


def test_setting_that_can_not_be_used_is_one_json_object(settings):
    ended = flask(settings, "doctor", "--json", PORT="eighty")
    assert ended.returncode == 2
    told = json.loads(ended.stdout)
    assert told["status"] == "problem"
    assert [one["check"] for one in told["findings"]] == ["settings"]


@pytest.mark.parametrize("command", [("projects", "list"), ("db", "upgrade"), ("run",)])
def test_other_commands_refuse_such_a_setting_in_one_line(settings, command):
    ended = flask(settings, *command, PORT="eighty")
    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("PORT must be a whole number")


@pytest.mark.parametrize(
    "environment",
    [
        {"INSTANCE_DIR": "/nowhere/at/all"},
        {"APP_KEY": "short"},
        {"DATABASE_URL": "postgresql://user:hunter2@127.0.0.1:1/none"},
        {"RATELIMIT_STORAGE_URI": "redis://:hunter2@127.0.0.1:1/0"},
    ],
    ids=str,
)
def test_broken_instance_is_told_without_a_trace_or_a_password(settings, environment):
    ended = flask(settings, "doctor", **environment)
    assert (ended.returncode, ended.stderr) == (2, "")
    assert "PROBLEM" in ended.stdout
    assert "Traceback" not in ended.stdout
    assert "hunter2" not in ended.stdout
