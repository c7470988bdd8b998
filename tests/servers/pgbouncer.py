"""Debian's PgBouncer with the configuration that deploy/ hands out, on a port of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.servers.ports import free_port

CONFIGURATION = Path(__file__).parent.parent.parent / "deploy" / "pgbouncer.ini"
START_SECONDS = 20


class PgBouncer:
    """Started at once, before the PostgreSQL at `server_port`."""

    def __init__(
        self, program: Path, *, server_port: int, users: dict[str, str], pool_size: int
    ) -> None:
        """`users` are passwords by names."""
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
        changes = {
            "port=5432": f"port={server_port}",
            "listen_port = 6432": f"listen_port = {self.port}",
            "default_pool_size = 32": f"default_pool_size = {pool_size}",
            "/etc/pgbouncer/": f"{self._folder}/",
            "/var/log/postgresql/": f"{self._folder}/",
            "/var/run/postgresql/": f"{self._folder}/",
        }
        text = CONFIGURATION.read_text()
        for usual, here in changes.items():
            assert usual in text, f"{usual} is not in {CONFIGURATION.name}"
            text = text.replace(usual, here)
        told = self._folder / "pgbouncer.ini"
        told.write_text(text)
        lines = [f'"{name}" "{password}"\n' for name, password in users.items()]
        (self._folder / "userlist.txt").write_text("".join(lines))
        self._process = subprocess.Popen(
            [program, told],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **_as_nobody_if_root(self._folder),
        )
        self._wait_until_ready()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                psycopg.connect(host="127.0.0.1", port=self.port, user="x", connect_timeout=5)
            except psycopg.OperationalError as error:
                if "refused" not in str(error):  # it answers, and does not know that one
                    return
            time.sleep(0.05)
        log = self._folder / "pgbouncer.log"
        raise AssertionError(f"PgBouncer did not start:\n{log.exists() and log.read_text()}")


def _as_nobody_if_root(folder: Path) -> dict[str, Any]:
    """It refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in [folder, *folder.iterdir()]:
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
