"""The number of rows of a table, and a checksum of them that is the same on every database.

It is computed from the values as this code reads them, so that SQLite's text and PostgreSQL's
timestamps come out alike. The rows' checksums are added up, so that the order of rows does not
matter: databases sort text by different rules.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import JSON, Connection, Table, select

# How many rows are in memory at a time.
FETCHED_ROWS = 200
_STEP_ROWS = 5000
_DIGEST_BITS = 256


@dataclass
class TableChecksum:
    """Counts and sums the rows given to `add_rows_of`; equal for tables with equal rows."""

    table: str
    rows: int = 0
    _sum: int = 0

    def add_rows_of(self, connection: Connection, table: Table) -> Iterator[int]:
        """Add all rows of the table; yields a number of rows read, after each batch."""
        is_json = [isinstance(column.type, JSON) for column in table.columns]
        query = select(table).execution_options(yield_per=FETCHED_ROWS)
        before = self.rows
        for row in connection.execute(query):
            values = tuple(
                json.dumps(value, sort_keys=True) if of_json else value
                for value, of_json in zip(row, is_json, strict=True)
            )
            digest = hashlib.sha256(repr(values).encode()).digest()
            self._sum = (self._sum + int.from_bytes(digest)) % 2**_DIGEST_BITS
            self.rows += 1
            if self.rows % _STEP_ROWS == 0:
                yield self.rows - before
                before = self.rows
        yield self.rows - before

    @property
    def checksum(self) -> str:
        return f"{self._sum:064x}"
