"""Clients that post without pause, and can tell what became of each request.

`http.client` and not httpx: a connection that was never made lost nothing, one that broke later may
have lost a request, and only here can the two be told apart for certain.
"""

import json
import ssl
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import NamedTuple

CLIENTS = 24
ENOUGH = 200
PATIENCE_SECONDS = 60
REFUSED, BROKEN = "never connected", "connected and lost"


def session_report(session_id: str) -> dict[str, str]:
    return {"session_id": session_id, "status": "ok"}


def event(event_id: str) -> dict[str, str]:
    """Unlike a session's report it is stored as often as it arrives, all in one issue."""
    return {
        "exception_type": "Error",
        "message": message_of(event_id),
        "stack": "at pay (cart.js:12:5)",
    }


def message_of(event_id: str) -> str:
    """In letters: one UUID in some hundreds has digits that could be a card's."""
    return event_id.translate(str.maketrans("0123456789", "ghijklmnop"))


class Sent(NamedTuple):
    """One request; `began` is of the clock that only goes forward, in seconds."""

    began: float
    outcome: int | str


class SteadyLoad:
    """Posts of many clients; half of them keep their connection, half make a new one."""

    def __init__(
        self,
        port: int,
        tokens: list[str],
        *,
        trust: ssl.SSLContext | None = None,
        path: str = "/sessions",
        body: Callable[[str], dict[str, str]] = session_report,
    ) -> None:
        """`trust` says whose TLS to believe; without it they speak HTTP in clear.

        `body` makes what is posted from the id by which it is found again.
        """
        self.outcomes: Counter[int | str] = Counter()
        self.acknowledged: set[str] = set()
        self.sent: list[Sent] = []
        self._path, self._body = path, body
        self._port = port
        self._tokens = tokens
        self._trust = trust
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
        """Return once so many more were acknowledged."""
        target = len(self.acknowledged) + requests
        self.go_on_until(lambda: len(self.acknowledged) >= target)

    def go_on_until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            assert time.monotonic() < deadline, self.outcomes
            time.sleep(0.01)

    def _post_on(self, number: int) -> None:
        """Until the load is over, or nobody listens any more."""
        token = self._tokens[number % len(self._tokens)]
        connection = None
        while not self._is_over.is_set():
            session_id = str(uuid.uuid4())
            try:
                if connection is None:
                    connection = self._connection()
                    connection.connect()
            except OSError:
                self.sent.append(Sent(time.monotonic(), REFUSED))
                self._note(REFUSED)
                return
            began = time.monotonic()
            outcome = self._post(connection, token, session_id)
            self.sent.append(Sent(began, outcome))
            self._note(outcome, session_id)
            if connection.sock is None or number % 2 or outcome == BROKEN:
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def _connection(self) -> HTTPConnection:
        if self._trust:
            return HTTPSConnection("127.0.0.1", self._port, timeout=60, context=self._trust)
        return HTTPConnection("127.0.0.1", self._port, timeout=60)

    def _note(self, outcome: int | str, session_id: str = "") -> None:
        with self._guard:
            self.outcomes[outcome] += 1
            if outcome == 202:
                self.acknowledged.add(session_id)
        if len(self.acknowledged) >= ENOUGH:
            self._is_warm.set()

    def _post(self, connection: HTTPConnection, token: str, posted_id: str) -> int | str:
        body = json.dumps(self._body(posted_id))
        try:
            connection.request("POST", self._path, body, {"X-Pionne-Token": token})
            with connection.getresponse() as answer:
                answer.read()
                if answer.status == 503 and not answer.headers["Retry-After"]:
                    return "503 without Retry-After"
                return answer.status
        except (OSError, HTTPException):
            return BROKEN
