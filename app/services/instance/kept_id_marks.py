"""Keeps SQLite's memory of the ids it gave out while migrations copy tables.

SQLite alters most tables by copying them, and the copy's mark (`sqlite_sequence`) is the highest id
that is copied: where the newest row had been deleted, its id would be given out again, and old
links and audit entries would then mean another thing. PostgreSQL's sequences are not touched.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


@contextmanager
def keeping_id_marks(connection: Connection) -> Iterator[None]:
    """No mark of a table that is still there after the block is lower than before it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    before = id_marks(connection)
    yield
    now = id_marks(connection)
    for table, mark in before.items():
        if table in now and now[table] < mark:
            connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
            connection.exec_driver_sql(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, mark)
            )


def id_marks(connection: Connection) -> dict[str, int]:
    """The highest id that each table ever gave out, 0 for none; its row may be gone."""
    counting = connection.exec_driver_sql(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '% AUTOINCREMENT%'"
    ).scalars()
    marks = dict.fromkeys(counting, 0)
    if marks:  # else SQLite has no such table yet
        for name, mark in connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence"):
            if name in marks:
                marks[name] = mark
    return marks
