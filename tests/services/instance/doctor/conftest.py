"""Examines an instance; what is found, and that nothing is touched."""

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest

from app.services.instance.doctor import Level, examine

# Past the day on which the newest migration was written.
LATER = datetime(2027, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock(clock):
    clock.time = LATER
    return clock


@pytest.fixture
def diagnose(make_app, settings, clock):
    """`diagnose(settings)["key"]`: the findings by check, those that are not well first."""

    def run(settings=settings, *, clock=clock, **options):
        by_check = {}
        with make_app(settings).app_context():
            for finding in examine(settings, clock=clock, **options):
                by_check.setdefault(finding.check, []).append(finding)
        for findings in by_check.values():
            findings.sort(key=lambda finding: -finding.level)
        return by_check

    return run


@pytest.fixture
def told(diagnose):
    """The message of the one finding of that level for a check."""

    def read(check, level, *args, **kwargs):
        (finding,) = diagnose(*args, **kwargs)[check]
        assert finding.level is level, finding
        assert "\n" not in finding.message
        return finding.message

    return read


@pytest.fixture
def problem(told):
    return lambda check, *args, **kwargs: told(check, Level.PROBLEM, *args, **kwargs)


@pytest.fixture
def warning(told):
    return lambda check, *args, **kwargs: told(check, Level.WARNING, *args, **kwargs)


@pytest.fixture
def fine(told):
    return lambda check, *args, **kwargs: told(check, Level.OK, *args, **kwargs)


@pytest.fixture
def database(settings):
    return settings.instance_dir / "pionne.db"


@pytest.fixture
def execute(database):
    """SQL on the SQLite file, past everything of the app's."""

    def run(*statements):
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    return run


@pytest.fixture
def files_of(settings):
    """Names, sizes, modes and times of everything in the instance's folder."""

    def read():
        return {
            path.name: (path.stat().st_size, path.stat().st_mode, path.stat().st_mtime_ns)
            for path in settings.instance_dir.iterdir()
        }

    return read


@pytest.fixture
def held(database):
    """Another process that has the database open, after those statements."""

    @contextmanager
    def hold(*statements):
        code = (
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
            "[c.execute(s) for s in sys.argv[2:]]; print('held', flush=True); input()"
        )
        command = [sys.executable, "-c", code, str(database), *statements]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
            assert process.stdout.readline() == "held\n"
            try:
                yield
            finally:
                process.communicate("\n")

    return hold
