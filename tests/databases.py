"""A test's database past everything of the app's: to look into it, to spoil it, to be in the way.

The same test runs on SQLite and on PostgreSQL, so what it asks for is named here once and made
for each of the two.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql

from tests import kept_connections

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class KeptRows:
    """Each table's rows, as PostgreSQL copies them, and where its sequences were."""

    rows: dict[str, bytes]
    sequences: dict[str, int]


def as_sqlite_reads(value: Any) -> Any:
    """SQLite keeps days and moments as text."""
    return str(value) if isinstance(value, date) else value


class Database(Protocol):
    name: str

    def rows(self, query: str) -> Rows:
        """What the database itself says."""

    def execute(self, statement: str) -> None:
        """One statement, committed."""

    def content(self) -> bytes:
        """Everything that is stored, as it is stored."""

    def bytes_literal(self, hexadecimal: str) -> str:
        """How the bytes are written in a statement."""

    def moment(self, utc: str) -> str:
        """How the moment, as `2026-05-07 23:00:00`, is written in a statement."""

    def refuse_inserts(self, table: str, *, saying: str) -> None:
        """From now on an INSERT fails for a reason that nobody foresaw, and quotes something."""

    @contextmanager
    def another_writer(self) -> Iterator[Any]:
        """Another process writes, until its connection is rolled back; readers are let through."""

    def keep(self) -> Any:
        """All that is stored, to be put back into an empty one."""

    def put_back(self, kept: Any) -> None:
        """What was kept of one such database, into one that nobody has used yet."""


class SqliteDatabase:
    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, query: str) -> Rows:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()

    def execute(self, statement: str) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(statement)

    def content(self) -> bytes:
        """The file, and its write-ahead log."""
        files = sorted(self.path.parent.glob(f"{self.path.name}*"))
        return b"".join(file.read_bytes() for file in files)

    def bytes_literal(self, hexadecimal: str) -> str:
        return f"x'{hexadecimal}'"

    def moment(self, utc: str) -> str:
        return f"{utc}.000000"

    def refuse_inserts(self, table: str, *, saying: str) -> None:
        self.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{saying}'); END"
        )

    @contextmanager
    def another_writer(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    def keep(self) -> bytes:
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.path.read_bytes()

    def put_back(self, kept: bytes) -> None:
        assert not self.path.with_name(f"{self.path.name}-wal").exists(), "it is in use"
        self.path.write_bytes(kept)


class PostgresqlDatabase:
    name = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql+psycopg:", "postgresql:")

    def rows(self, query: str) -> Rows:
        with kept_connections.connect(self.url) as connection:
            rows = connection.execute(query.encode()).fetchall()
        return [tuple(map(as_sqlite_reads, row)) for row in rows]

    def execute(self, statement: str) -> None:
        with kept_connections.connect(self.url) as connection:
            connection.execute(statement.encode())

    def content(self) -> bytes:
        """Every row of every table, its texts and bytes as they are.

        PostgreSQL's own files would not do: it compresses what is long.
        """
        content = bytearray()
        with kept_connections.connect(self.url) as connection:
            for table in self._tables(connection):
                everything = sql.SQL("COPY {} TO STDOUT (FORMAT binary)")
                with connection.cursor().copy(everything.format(sql.Identifier(table))) as rows:
                    for row in rows:
                        content += row
        return bytes(content)

    def bytes_literal(self, hexadecimal: str) -> str:
        return f"'\\x{hexadecimal}'"

    def moment(self, utc: str) -> str:
        return f"{utc}+00"  # the server is in another time zone

    def refuse_inserts(self, table: str, *, saying: str) -> None:
        self.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{saying}'; END $$"
        )
        self.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )

    @contextmanager
    def another_writer(self) -> Iterator[psycopg.Connection]:
        with kept_connections.connect(self.url) as connection:
            for table in self._tables(connection):
                connection.execute(
                    sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(sql.Identifier(table))
                )
            yield connection

    def keep(self) -> KeptRows:
        with kept_connections.connect(self.url) as connection:
            rows = {}
            for table in self._tables(connection):
                copy_out = sql.SQL("COPY {} TO STDOUT (FORMAT binary)")
                with connection.cursor().copy(copy_out.format(sql.Identifier(table))) as copied:
                    rows[table] = b"".join(copied)
            found = connection.execute(
                "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
            )
            del rows["alembic_version"]
            return KeptRows(rows, dict(found.fetchall()))

    def put_back(self, kept: KeptRows) -> None:
        with kept_connections.connect(self.url) as connection:
            # As a replica, so that no foreign key and no trigger of ours has a say.
            connection.execute("SET session_replication_role = replica")
            for table, rows in kept.rows.items():
                copy_in = sql.SQL("COPY {} FROM STDIN (FORMAT binary)")
                with connection.cursor().copy(copy_in.format(sql.Identifier(table))) as copied:
                    copied.write(rows)
            for name, value in kept.sequences.items():
                connection.execute("SELECT setval(%s::regclass, %s)", [name, value])

    def _tables(self, connection: psycopg.Connection) -> list[str]:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return [name for (name,) in rows.fetchall()]
