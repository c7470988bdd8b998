"""SQLite's driver with a frame of Python around what takes time, so that `rooms` can see it.

The driver is written in C: without this, its work would look like that of whoever calls it.
"""

import sqlite3
from functools import partial
from typing import Any

_STATEMENTS, _COMMIT = "SQLite: statements", "SQLite: commit"
ROOMS = {
    "execute": _STATEMENTS,
    "executemany": _STATEMENTS,
    "fetchone": _STATEMENTS,
    "fetchmany": _STATEMENTS,
    "fetchall": _STATEMENTS,
    "cursor": _STATEMENTS,
    "close": _STATEMENTS,
    "commit": _COMMIT,
    "rollback": _COMMIT,
    "_end": _COMMIT,
}


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = ()) -> Any:
        if sql[:6].upper() in ("COMMIT", "END", "ROLLBA"):
            return self._end(sql)
        return super().execute(sql, parameters)

    def _end(self, sql: str) -> Any:
        return super().execute(sql)

    def executemany(self, sql: str, parameters: Any) -> Any:
        return super().executemany(sql, parameters)

    def fetchone(self) -> Any:
        return super().fetchone()

    def fetchmany(self, *arguments: Any) -> list[Any]:
        return super().fetchmany(*arguments)

    def fetchall(self) -> list[Any]:
        return super().fetchall()

    def close(self) -> None:
        super().close()


class _Connection(sqlite3.Connection):
    def cursor(self, *_: Any) -> Any:
        return super().cursor(_Cursor)

    def execute(self, *arguments: Any) -> Any:
        return super().execute(*arguments)

    def commit(self) -> None:
        super().commit()

    def rollback(self) -> None:
        super().rollback()


def install() -> None:
    """Before anything connects."""
    seen: Any = partial(sqlite3.connect, factory=_Connection)
    sqlite3.connect = sqlite3.dbapi2.connect = seen
