"""Finds out whether a pooled connection to PostgreSQL still works, mostly without a message to it.

SQLAlchemy's `pool_pre_ping` asks the server before each use, which is one message in four. But a
server that closes a connection, or ends, says so at once: then the socket has something to read
where nothing is due. Only a connection that vanished without a word, because a firewall forgot it,
shows nothing. So a connection that was not used for long is asked after all, by `do_ping`, which
SQLAlchemy documents for dialects only.
"""

import select
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

# Firewalls forget an unused connection after minutes.
ASK_AFTER_IDLE_SECONDS = 10.0
_LAST_USED = "last_used"


def init_pooled_connections(
    engine: Engine, *, ask_after_idle_seconds: float = ASK_AFTER_IDLE_SECONDS
) -> None:
    """Check each connection when it leaves the pool.

    A dead one is replaced before anybody uses it.
    """

    def note_use(connection: Any, record: Any) -> None:
        record.info[_LAST_USED] = time.monotonic()

    def check(connection: Any, record: Any, _proxy: Any) -> None:
        last_used = record.info.get(_LAST_USED)
        if last_used is None:  # just made
            return
        idle_seconds = time.monotonic() - last_used
        if idle_seconds >= ask_after_idle_seconds or _has_news(connection):
            _ask(engine, connection)

    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", check)


def _has_news(connection: Any) -> bool:
    """Whether the socket has something to read: its end, or a warning of the server."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _ask(engine: Engine, connection: Any) -> None:
    """Raises InvalidatePoolError, on which the pool makes this connection and all others anew."""
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError("The server has closed the connection.") from error
