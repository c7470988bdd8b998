"""Copies an instance from SQLite to PostgreSQL, and proves that nothing is missing or different.

Nobody writes to the source meanwhile: its folder is locked against servers, and an empty
transaction holds the write lock of the database. The move may be interrupted anywhere, even killed;
the next one goes on where the target says. The source is never changed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.database import write_transaction
from app.services.errors import Refused
from app.services.instance.kept_id_marks import id_marks
from app.services.instance.move_target import MoveTarget, tables
from app.services.instance.serving_lock import BeingServed, nobody_serves_from
from app.services.instance.sqlite_files import database_file
from app.services.instance.table_checksums import FETCHED_ROWS, TableChecksum


@dataclass(frozen=True)
class MovedTable:
    name: str
    rows: int
    checksum: str


@dataclass
class Move:
    """One run: `copy` to its end, then `verify`, then `finish`. Steps yield numbers of rows."""

    source: Connection
    target: MoveTarget
    totals: dict[str, int]
    copied: dict[str, int]
    verified: list[MovedTable] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.totals.values())

    def copy(self) -> Iterator[int]:
        for table in tables():
            # The order is that of the key, and nobody changes the source: so a number of rows says
            # where to go on.
            query = select(table).order_by(*table.primary_key).offset(self.copied[table.name])
            rows = iter(self.source.execute(query.execution_options(yield_per=FETCHED_ROWS)))
            while count := self.target.append(table, rows, copied=self.copied[table.name]):
                self.copied[table.name] += count
                yield count

    def verify(self) -> Iterator[int]:
        """Read both sides again; raises Refused with the names of the tables that differ."""
        different = []
        for table in tables():
            here, there = TableChecksum(table.name), TableChecksum(table.name)
            yield from here.add_rows_of(self.source, table)
            with self.target.engine.connect() as connection:
                yield from there.add_rows_of(connection, table)
            if here != there:
                rows = (
                    f"{here.rows} rows became {there.rows}"
                    if here.rows != there.rows
                    else (f"{here.rows} rows, not all of them equal")
                )
                different.append(f"{table.name} ({rows})")
            self.verified.append(MovedTable(table.name, here.rows, here.checksum))
        if different:
            raise Refused(
                f"The target differs from the instance in {', '.join(different)}. It cannot be"
                " served; --start-over empties it and begins anew."
            )

    def finish(self) -> None:
        """Make the target an instance of its own, which gives out no id a second time."""
        self.target.finish(id_marks(self.source))


@contextmanager
def moving(settings: Settings, url: URL, *, start_over: bool = False) -> Iterator[Move]:
    """Keep everybody from writing to the instance during the block; raises Refused."""
    if database_file() is None:
        raise Refused("This instance is on PostgreSQL already: only one on SQLite can move.")
    if url.get_backend_name() != "postgresql":
        raise Refused("An instance moves to PostgreSQL: --to postgresql://user@host/name.")
    target = MoveTarget(url)
    try:
        with nobody_serves_from(settings.instance_dir), write_transaction() as source:
            totals = {
                table.name: source.execute(select(func.count()).select_from(table)).scalar_one()
                for table in tables()
            }
            copied = target.begin(totals, start_over=start_over)
            yield Move(source, target, totals, copied)
    except BeingServed:
        raise Refused(
            f"{settings.instance_dir} is being served from: stop the service first, because what it"
            " takes during the move would be lost."
        ) from None
    except (DBAPIError, target.engine.dialect.loaded_dbapi.Error) as error:
        cause = getattr(error, "orig", error)
        if isinstance(cause, sqlite3.Error):
            raise  # the source's own
        raise Refused(_lost(url, cause)) from error
    finally:
        target.engine.dispose()


def _lost(url: URL, cause: object) -> str:
    reason = (str(cause).strip().splitlines() or ["no reason given"])[0]
    shown = url.render_as_string(hide_password=True)
    return f"{shown}: {reason}. Mend that, and run the same command: it goes on where it was."
