"""Clients that post without pause, and can tell what became of each request.

`http.client` and not httpx: a connection that was never made lost nothing, one that broke later may
have lost a request, and only here can the two be told apart for certain.
"""

import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

CLIENTS = 24
ENOUGH = 200
REFUSED, BROKEN = "never connected", "connected and lost"


class SteadyLoad:
    """Session reports of many clients; half of them keep their connection, half make a new one."""

    def __init__(self, port: int, tokens: list[str]) -> None:
        self.outcomes: Counter[int | str] = Counter()
        self.acknowledged: set[str] = set()
        self._port = port
        self._tokens = tokens
        self._guard = threading.Lock()
        self._is_warm = threading.Event()
        self._is_over = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """The block runs with the load well under way."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [pool.submit(self._post_on, number) for number in range(CLIENTS)]
            try:
                assert self._is_warm.wait(timeout=60), self.outcomes
                yield
            finally:
                self._is_over.set()
            for client in clients:
                client.result()

    def go_on(self, requests: int) -> None:
        """Return once so many more were answered."""
        target = len(self.acknowledged) + requests
        while len(self.acknowledged) < target and not self._is_over.wait(0.01):
            pass

    def _post_on(self, number: int) -> None:
        """Until the load is over, or nobody listens any more."""
        token = self._tokens[number % len(self._tokens)]
        connection = None
        while not self._is_over.is_set():
            session_id = str(uuid.uuid4())
            try:
                if connection is None:
                    connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
                    connection.connect()
            except OSError:
                self._note(REFUSED)
                return
            outcome = _post(connection, token, session_id)
            self._note(outcome, session_id)
            if connection.sock is None or number % 2 or outcome == BROKEN:
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def _note(self, outcome: int | str, session_id: str = "") -> None:
        with self._guard:
            self.outcomes[outcome] += 1
            if outcome == 202:
                self.acknowledged.add(session_id)
        if len(self.acknowledged) >= ENOUGH:
            self._is_warm.set()


def _post(connection: HTTPConnection, token: str, session_id: str) -> int | str:
    body = json.dumps({"session_id": session_id, "status": "ok"})
    try:
        connection.request("POST", "/sessions", body, {"X-Pionne-Token": token})
        with connection.getresponse() as answer:
            answer.read()
            return answer.status
    except (OSError, HTTPException):
        return BROKEN
