"""Deletes the large project while others go on writing."""

import json
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count

from sqlalchemy import select

from app.database import read_transaction
from app.models import Project
from bench.instance import Client
from bench.population import LARGE_PROJECT
from bench.scale.town import Town

_LOOK_EVERY_SECONDS = 0.2
_WRITE_EVERY_SECONDS = 0.02


@dataclass(frozen=True)
class Deletion:
    """All in seconds: the answer, until the last row was gone, the slowest write meanwhile."""

    answer: float
    purge: float
    slowest_write: float


def delete_large_project(town: Town) -> Deletion:
    writer = _Writer(town)
    client = town.new_client()
    started = time.perf_counter()
    status, _ = client.send("DELETE", town.path, json.dumps({"confirm": LARGE_PROJECT}))
    answer = time.perf_counter() - started
    client.close()
    if status >= HTTPStatus.BAD_REQUEST:
        raise RuntimeError(f"the deletion answered {status}")
    writer.start()
    with town.app.app_context():
        while _is_there(town.population.large_project_id):
            time.sleep(_LOOK_EVERY_SECONDS)
    purge = time.perf_counter() - started
    writer.stop()
    return Deletion(answer, purge, max(writer.seconds))


class _Writer(threading.Thread):
    """Feedback for the other projects, one after the other."""

    def __init__(self, town: Town) -> None:
        super().__init__(daemon=True)
        self.seconds: list[float] = [0.0]
        self._tokens = town.population.project_tokens[1:]
        self._port = town.server.port
        self._is_over = threading.Event()

    def stop(self) -> None:
        self._is_over.set()
        self.join()

    def run(self) -> None:
        clients = [Client(self._port, {"X-Pionne-Token": token}) for token in self._tokens]
        for number in count():
            if self._is_over.wait(_WRITE_EVERY_SECONDS):
                break
            body = json.dumps({"message": f"written during the purge, {number}"})
            started = time.perf_counter()
            clients[number % len(clients)].send("POST", "/feedback", body)
            self.seconds.append(time.perf_counter() - started)
        for client in clients:
            client.close()


def _is_there(project_id: int) -> bool:
    with read_transaction() as connection:
        found = connection.execute(select(Project.id).where(Project.id == project_id)).scalar()
    return found is not None
