"""Rows by the million: SQLite's executemany, PostgreSQL's COPY, past the service and its checks.

Columns get what the service would have written. Moments are text in UTC, as both databases take it.
"""

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import click

from app.extensions import db

_BATCH_ROWS = 50_000

Row = tuple[object, ...]


class BulkConnection:
    """One connection of the app's engine, set up to load quickly; `close` makes it durable."""

    def __init__(self) -> None:
        self._pooled = db.engine.raw_connection()
        self._connection: Any = self._pooled.driver_connection
        self.is_sqlite = db.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            # Rows come in an order that foreign keys would accept anyway.
            for setting in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -200000"):
                self._connection.execute(f"PRAGMA {setting}")
        else:
            self.run("SET TIME ZONE 'UTC'")

    def __enter__(self) -> "BulkConnection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(
        self, table: str, columns: tuple[str, ...], rows: Iterable[Row], *, count: int, label: str
    ) -> None:
        """Stores the rows, in short transactions; `count` is how many there are."""
        names = ", ".join(columns)
        with click.progressbar(length=count, label=label, file=sys.stderr) as progress:
            for batch in _batches(iter(rows)):
                if self.is_sqlite:
                    marks = ", ".join("?" * len(columns))
                    self._connection.execute("BEGIN")
                    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
                    self._connection.executemany(statement, batch)
                else:
                    copy_in = f"COPY {table} ({names}) FROM STDIN"
                    with self._connection.cursor() as cursor, cursor.copy(copy_in) as copy:
                        for row in batch:
                            copy.write_row(row)
                self._connection.commit()
                progress.update(len(batch))

    def run(self, statement: str) -> list[Row]:
        """Executes and commits; the rows of a query."""
        cursor = self._connection.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
        self._connection.commit()
        return rows

    def close(self) -> None:
        """Statistics and files as a database has them that grew over months."""
        if self.is_sqlite:
            self.run("ANALYZE")
            self.run("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            self._connection.set_autocommit(True)
            self._connection.execute("VACUUM ANALYZE")
            self._connection.execute("CHECKPOINT")
        self._pooled.invalidate()
        self._pooled.close()


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH_ROWS)):
        yield batch
