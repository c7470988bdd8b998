"""A disk that fails under the running service: said as it is, told twice, and over by itself."""

import json
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from app.database_causes import IO_ERROR
from tests.database.failing_databases import disk_on, files_limited_to, fill, small_disk
from tests.fixtures.apps import dispose

pytestmark = pytest.mark.sqlite_only("it is about its file")
# A process looks at most once in five seconds whether an outage is over.
OVER_SECONDS = 30


class Service:
    def __init__(self, server, token, file):
        self.server, self.token, self.file = server, token, file
        self.stored = self._count = 0

    def post(self):
        self._count += 1
        answer = httpx.post(
            f"{self.server.url}/feedback",
            json={"message": f"{self._count} {'A long word that takes room. ' * 60}"},
            headers={"X-Pionne-Token": self.token},
        )
        self.stored += answer.status_code == 202
        return answer

    def ready(self):
        return httpx.get(f"{self.server.url}/readyz")

    def lines(self):
        lines = self.server.log().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def told(self):
        return [line for line in self.lines() if "level" in line]

    def assert_failing(self, answer, *, code):
        assert answer.status_code == 503
        assert answer.json() == {"message": f"{IO_ERROR.words}. Try again later."}
        assert answer.headers["Retry-After"] == str(IO_ERROR.retry_seconds)
        ready = self.ready()
        assert ready.status_code == 503
        assert IO_ERROR.words in ready.text
        assert {self.post().status_code for _ in range(5)} == {503}
        (told,) = self.told()
        assert (told["cause"], told["code"]) == (IO_ERROR.name, code)
        assert {"cause": IO_ERROR.name, "code": code}.items() <= self.lines()[-1].items()

    def assert_works_again(self):
        """Nobody starts anything anew, and nothing that was acknowledged is gone."""
        deadline = time.monotonic() + OVER_SECONDS
        while self.ready().status_code != 200 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert self.ready().json()["message"] == "All is well."
        assert self.post().status_code == 202
        _, ended = self.told()
        assert ended["message"].startswith("The database works again, after ")
        with closing(sqlite3.connect(self.file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            ((stored,),) = connection.execute("SELECT count(*) FROM feedback").fetchall()
        assert stored >= self.stored


@pytest.fixture
def serve(app, project, settings, start_server):
    dispose(app)

    def start(folder: Path) -> Service:
        """From a copy of the database in the folder, with a post stored."""
        copy = shutil.copy(settings.instance_dir / "pionne.db", folder)
        server = start_server(DATABASE_URL=f"sqlite:///{copy}")
        service = Service(server, project.token, copy)
        assert service.post().status_code == 202
        return service

    return start


def test_limit_on_the_size_of_files_is_met_and_raised(serve, tmp_path):
    """Which the process gets from `ulimit -f` or systemd's LimitFSIZE."""
    (folder := tmp_path / "data").mkdir()
    service = serve(folder)
    (worker,) = psutil.Process(service.server.process.pid).children()
    log_of_database = folder / "pionne.db-wal"
    with files_limited_to(log_of_database.stat().st_size, process=worker.pid):
        service.assert_failing(service.post(), code="SQLITE_IOERR_WRITE")
    service.assert_works_again()


def test_disk_fails_to_keep_what_was_written_and_is_mended(serve):
    with small_disk(40) as around, disk_on(around, megabytes=32) as folder:
        service = serve(folder)
        filler = fill(around)
        # Some fit into what the disk had used before.
        answers = [service.post() for _ in range(10)]
        service.assert_failing(answers[-1], code="SQLITE_IOERR_FSYNC")
        filler.unlink()
        service.assert_works_again()
