"""Which statements do not name their columns, as a distributed PostgreSQL wants them to.

`SELECT *` wherever the star stands, and a SELECT of nothing, as in EXISTS: Citus passes neither on.
`INSERT INTO t VALUES`, or with a SELECT, and `RETURNING *`: they mean something else once a column
is added.
"""

import re
from functools import cache
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.database.prepared import Prepared

_ALL = r"(\*|[\w\"]+\.\*)"
_NAMELESS = re.compile(
    rf"\bSELECT\s+(DISTINCT\s+)?({_ALL}|FROM\b)"
    rf"|,\s*[\w\"]+\.\*"
    rf"|\bRETURNING\s+{_ALL}"
    r"|\bINSERT\s+(OR\s+\w+\s+)?INTO\s+[\w\".]+\s+(VALUES|SELECT|WITH)\b",
    re.IGNORECASE,
)
# SQLAlchemy asks SQLite so what tables there are.
_OF_THE_LIBRARY = "sqlite_master"


@cache
def names_its_columns(sql: str) -> bool:
    return _OF_THE_LIBRARY in sql or _NAMELESS.search(sql) is None


def note_those_without_columns(engine: Engine, found: list[str]) -> None:
    """From now on; what runs past SQLAlchemy's execution (app.database.prepared) is not seen."""

    @event.listens_for(engine, "before_cursor_execute")
    def look(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        if not names_its_columns(sql):
            found.append(sql)


def note_all(engine: Engine, found: list[str], patch: pytest.MonkeyPatch) -> None:
    """From now on, whether it is prepared or runs through SQLAlchemy."""

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        found.append(sql)

    rows = Prepared.rows

    def note_and_run(statement: Prepared, connection: Any, values: Any) -> Any:
        found.append(statement._for(connection.dialect, values).sql)
        return rows(statement, connection, values)

    patch.setattr(Prepared, "rows", note_and_run)
