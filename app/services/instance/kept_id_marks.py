"""Keeps SQLite's memory of the ids it gave out while migrations copy tables.

Most migrations alter a SQLite table by copying it. The copy remembers as its highest id (in
`sqlite_sequence`) the highest one that was copied. If the newest row had been deleted, its id would
be given out again, and old links and audit entries would mean another row. PostgreSQL's sequences
need none of this.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


@contextmanager
def keeping_id_marks(connection: Connection) -> Iterator[None]:
    """After the block, no table that is still there has a lower mark than before."""
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
