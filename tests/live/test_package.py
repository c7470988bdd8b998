"""The wheel alone: built, installed, and used from an empty home, far from any checkout."""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.live.conftest import ROOT, START_SECONDS
from tests.servers.ports import free_port

pytestmark = pytest.mark.sqlite_only("it is about what the wheel holds, not about the database")
SECONDS = 300
_NOT_CODE = shutil.ignore_patterns("__pycache__", "*.pyc")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make package` builds it, from a copy: other tests look at this checkout meanwhile."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("app", "migrations"):
        shutil.copytree(ROOT / name, folder / name, ignore=_NOT_CODE)
    for name in ("Makefile", "README.md", "pyproject.toml", "setup.cfg"):
        shutil.copy(ROOT / name, folder)
    stamp = f"{sys.prefix}/.installed-dev"
    command = ["make", "package", f"VENV={sys.prefix}", f"--old-file={stamp}"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    assert built.returncode == 0, built.stdout + built.stderr
    (made,) = (folder / "dist").iterdir()
    return made


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`pionne-feedback` in a venv that has the wheel, and what this one has of other packages."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    site_packages = Path(sysconfig.get_path("purelib", "venv", paths))
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, wheel], check=True, timeout=SECONDS)
    return folder / "bin/pionne-feedback"


class Home:
    """An empty home, and a folder to work in whose files are named like the service's own."""

    def __init__(self, folder: Path, command: Path) -> None:
        self._command = command
        self.folder = folder / "home"
        self.folder.mkdir()
        self.data = self.folder / ".local/share/pionne-feedback"
        self.work = folder / "work"
        self.work.mkdir()
        for name in ("app.py", "wsgi.py", "gunicorn.conf.py", "migrations.py"):
            (self.work / name).write_text("raise SystemExit('not of the wheel')\n")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"

    def environment(self, **changes: str) -> dict[str, str]:
        own = {"PATH": os.defpath, "HOME": str(self.folder), "PORT": str(self.port)}
        return own | changes

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._command, *arguments],
            cwd=self.work,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [self._command],
                cwd=self.work,
                env=self.environment(**environment),
                stdout=log,
                stderr=log,
            )
        try:
            self.wait_for_log("listens on", process)
        except BaseException:
            process.kill()
            process.wait()
            raise
        return process

    def wait_for_log(self, text: str, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 2 * START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if text in self.log.read_text():
                return
            time.sleep(0.05)
        raise AssertionError(f"{text!r} was not said:\n{self.log.read_text()}")


@pytest.fixture
def home(tmp_path: Path, command: Path) -> Home:
    return Home(tmp_path, command)


@pytest.fixture
def started(home: Home) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    processes = []

    def start(**environment: str) -> subprocess.Popen[bytes]:
        processes.append(home.start(**environment))
        return processes[-1]

    yield start
    for process in processes:
        process.terminate()
        process.wait(timeout=40)


def test_the_wheel_holds_all_of_the_app_and_its_migrations(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(base)
        for base, name in ((ROOT, "app"), (ROOT, "migrations"))
        for path in (base / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    in_wheel = {str(path) if path.parts[0] == "app" else f"app/{path}" for path in wanted}

    assert in_wheel <= held
    assert {name for name in held if ".dist-info/" not in name} == in_wheel


def test_a_first_start_in_an_empty_home_serves_all_there_is(home, started):
    process = started()

    assert f"listens on {home.url}" in home.log.read_text()
    assert str(home.data) in home.log.read_text()
    made = home.run("demo")
    assert made.returncode == 0, made.stderr
    token = re.search(r"pio_live_\w+", made.stdout)
    assert token
    headers = {"X-Pionne-Token": token[0]}
    sent = httpx.post(f"{home.url}/feedback", json={"message": "Hello"}, headers=headers)
    assert sent.status_code == 202
    page = httpx.get(f"{home.url}/login")
    assert page.status_code == 200
    styles = re.findall(r'href="([^"]+\.css[^"]*)"', page.text)
    for address in ["/api/docs", "/api/openapi.json", *styles]:
        assert httpx.get(f"{home.url}{address}").status_code == 200, address
    assert styles

    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0


def test_the_demo_comes_first_and_is_served_by_the_next_start(home, started):
    made = home.run("demo")
    assert made.returncode == 0, made.stderr
    token = re.search(r"pio_live_\w+", made.stdout)
    assert token
    assert {path.name for path in home.data.iterdir()} >= {"app.key", "pionne.db"}
    assert [path for path in home.data.iterdir() if path.stat().st_mode & 0o077] == []

    started()

    headers = {"X-Pionne-Token": token[0]}
    sent = httpx.post(f"{home.url}/feedback", json={"message": "Hello"}, headers=headers)
    assert sent.status_code == 202


def test_what_a_first_start_makes_is_for_its_user_alone(home, started):
    started()

    made = [home.data, *home.data.iterdir()]
    assert {path.name for path in made} >= {"app.key", "pionne.db"}
    assert [path for path in made if path.stat().st_mode & 0o077] == []
    assert len((home.data / "app.key").read_text().strip()) == 64


def test_a_second_start_keeps_key_and_data(home, started):
    first = started()
    key = (home.data / "app.key").read_text()
    home.run("accounts", "create", "a@example.com", "--password", "correct horse battery")
    first.terminate()
    first.wait(timeout=40)

    started()

    assert (home.data / "app.key").read_text() == key
    assert "a@example.com" in home.run("accounts", "token", "a@example.com").stdout
    assert "Made a key" not in home.log.read_text()


def test_a_reload_reads_settings_and_imports_nothing_of_the_current_folder(home, started, tmp_path):
    settings = tmp_path / "settings.env"
    settings.write_text("MAX_BODY_BYTES=20000\n")
    process = started(SETTINGS_FILE=str(settings))
    settings.write_text("MAX_BODY_BYTES=30000\n")
    process.send_signal(signal.SIGHUP)
    home.wait_for_log("Reloaded", process)

    deadline = time.monotonic() + START_SECONDS
    while "30000" not in (said := oversized(home)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "30000" in said


def test_a_server_that_replaces_itself_serves_on(home, started, tmp_path):
    """SIGUSR2, from another folder than the one in which the command was started."""
    pid_file = tmp_path / "pid"
    first = started(GUNICORN_CMD_ARGS=f"--pid={pid_file}")
    first.send_signal(signal.SIGUSR2)
    deadline = time.monotonic() + 2 * START_SECONDS
    while time.monotonic() < deadline and home.log.read_text().count("listens on") < 2:
        time.sleep(0.05)
    # Written before it listens. Without one there is nobody to end, and 0 would be all of us.
    successor = int(Path(f"{pid_file}.2").read_text())
    try:
        assert home.log.read_text().count("listens on") == 2, home.log.read_text()
        first.terminate()
        first.wait(timeout=40)

        assert httpx.get(f"{home.url}/healthz").status_code == 200
    finally:
        os.kill(successor, signal.SIGTERM)


def test_commands_work_without_a_checkout(home, tmp_path):
    assert home.run("db", "upgrade").returncode == 0
    backup = home.run("backup", str(tmp_path / "copy.db"))
    assert backup.returncode == 0, backup.stderr
    assert "settings" in home.run("doctor").stdout
    assert home.run("--version").stdout.startswith("pionne-feedback, version ")
    assert str(home.data) in home.run("doctor").stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ([], {"PORT": "eighty"}, "PORT must be a whole number"),
        ([], {"INSTANCE_DIR": "/dev/null/data"}, "/dev/null/data"),
        ([], {"APP_KEY_FILE": "/dev/null/key"}, "/dev/null/key"),
        ([], {"DATABASE_URL": "mysql://db/x"}, "DATABASE_URL must be for"),
        (["projects", "list"], {"PORT": "eighty"}, "PORT must be a whole number"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(home, arguments, environment, said):
    ended = home.run(*arguments, **environment)

    assert ended.returncode != 0
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_port_that_is_taken_is_named_with_the_way_out(home, started):
    started()
    ended = home.run(INSTANCE_DIR=str(home.folder / "other"))

    assert ended.returncode != 0
    assert f"Cannot listen on 127.0.0.1:{home.port}" in ended.stderr
    assert "PORT=8001 pionne-feedback" in ended.stderr


def test_a_command_that_is_not_there_is_named(home):
    ended = home.run("frobnicate")

    assert ended.returncode == 2
    assert "No such command 'frobnicate'" in ended.stderr


def test_the_doctor_tells_which_setting_is_refused(home):
    ended = home.run("doctor", PORT="eighty")

    assert "PORT must be a whole number" in ended.stdout


def test_help_is_shown_when_settings_are_refused(home):
    assert "Usage: pionne-feedback" in home.run("--help", PORT="eighty").stdout


def test_data_is_where_the_user_keeps_such_data(home, tmp_path):
    assert home.run("db", "upgrade", XDG_DATA_HOME=str(tmp_path / "xdg")).returncode == 0

    assert (tmp_path / "xdg/pionne-feedback/pionne.db").exists()
    assert not home.data.exists()


def oversized(home: Home) -> str:
    """What the answer to a body that is too large says of the limit."""
    with suppress(httpx.TransportError):
        return httpx.post(f"{home.url}/feedback", content=b"x" * 40_000).text
    return ""
