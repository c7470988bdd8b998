"""Connections to PostgreSQL that outlive the app of one test and serve the next.

PostgreSQL starts a process for each connection, which reads the catalogue anew for each table that
it meets: for two requests that costs more than the requests. What a running instance keeps for
hours, tests keep too, each as if it had just been made: no setting, no lock, no listening is left.
"""

import select
from collections import defaultdict
from collections.abc import Hashable
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

# Of one address; what is more is closed.
KEPT_AT_MOST = 4
_AS_NEW = (
    b"RESET SESSION AUTHORIZATION; RESET ALL; SELECT pg_advisory_unlock_all();"
    b" UNLISTEN *; CLOSE ALL; DISCARD TEMP; DISCARD SEQUENCES"
)


class KeptConnection(psycopg.Connection[Any]):
    """Once closed it waits for whoever asks for such a one; a broken one is really closed."""

    kept_as: Hashable = None

    def close(self) -> None:
        if self.kept_as is None or not _keep(self):
            super().close()


_waiting: defaultdict[Hashable, list[KeptConnection]] = defaultdict(list)


def connect(*arguments: Any, **options: Any) -> KeptConnection:
    """As `psycopg.connect`."""
    # `context` is how SQLAlchemy's dialect converts values: each engine has another, equal one.
    said = ((name, value) for name, value in options.items() if name != "context")
    kind = (arguments, tuple(sorted(said)))
    waiting = _waiting[kind]
    while waiting:
        connection = waiting.pop()
        if not _has_ended(connection):
            return connection
        _close(connection)
    _close_those_that_ended()
    made = KeptConnection.connect(*arguments, **options)
    assert isinstance(made, KeptConnection)
    made.kept_as = kind
    return made


def keep_those_of(engine: Engine) -> None:
    """The pool takes from those that wait, and closing it gives them back."""

    def take(_dialect: Any, _record: Any, arguments: Any, options: Any) -> KeptConnection:
        return connect(*arguments, **options)

    event.listen(engine, "do_connect", take)


def pytest_sessionfinish() -> None:
    for waiting in _waiting.values():
        while waiting:
            _close(waiting.pop())


def _keep(connection: KeptConnection) -> bool:
    waiting = _waiting[connection.kept_as]
    if connection.closed or connection in waiting:
        return True
    if len(waiting) >= KEPT_AT_MOST or _has_ended(connection):
        return False
    if connection.pgconn.transaction_status != TransactionStatus.IDLE:
        return (
            False  # a new one is in no transaction; PostgreSQL rolls back what a closed one began
        )
    try:
        with connection.lock:
            result = connection.pgconn.exec_(_AS_NEW)
        connection.autocommit = False
        connection.isolation_level = connection.read_only = connection.deferrable = None
    except psycopg.Error:
        return False
    if result.error_message:
        return False
    waiting.append(connection)
    return True


def _has_ended(connection: KeptConnection) -> bool:
    """The server says so at once: there is something to read where nothing is due."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _close_those_that_ended() -> None:
    for waiting in _waiting.values():
        for connection in list(waiting):
            if _has_ended(connection):
                waiting.remove(connection)
                _close(connection)


def _close(connection: KeptConnection) -> None:
    connection.kept_as = None
    connection.close()
