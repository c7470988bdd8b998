"""Which statements do not name their columns, as a distributed PostgreSQL wants them to.

`SELECT *`, and a SELECT of nothing, as in EXISTS: Citus passes neither on.
"""

import re
from functools import cache

from sqlalchemy import Engine, event

_NAMELESS = re.compile(r"\bSELECT\s+(DISTINCT\s+)?(\*|[\w\"]+\.\*|FROM\b)", re.IGNORECASE)
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
