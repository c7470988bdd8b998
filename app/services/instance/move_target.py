"""The PostgreSQL database that an instance moves to, from empty to ready to serve.

Until the move has ended, a mark stands among the revisions of the target's migrations. No version
of this code knows it, so none serves from half an instance, and none migrates it. A table of its
own says how many rows of each table are there; it is written in the same transactions as the rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from alembic import command
from alembic.migration import MigrationContext
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    func,
    insert,
    inspect,
    literal_column,
    select,
    update,
)
from sqlalchemy.engine import URL

from app.database.engine import connect_options
from app.database.prepared import stored_as
from app.extensions import MIGRATIONS_DIR, migrate
from app.models.declared import children_first, duties_of
from app.services.errors import Refused
from app.services.instance.readiness import (
    UNFINISHED_MOVE,
    encoding_problem,
    known_revisions,
    newest_revisions,
)

BATCH_ROWS = 5000

_bookkeeping = MetaData()
_progress = Table(
    "move_progress",
    _bookkeeping,
    Column("table_name", String, primary_key=True),
    Column("total", BigInteger, nullable=False),
    Column("copied", BigInteger, nullable=False),
)
_revisions = Table("alembic_version", _bookkeeping, Column("version_num", String(32)))


def tables() -> Sequence[Table]:
    """All tables that a move copies, each after those that it refers to."""
    moved = [model for model in children_first() if duties_of(model).is_moved]
    return [model.__table__ for model in reversed(moved)]


class MoveTarget:
    """The database that rows go to; every method raises Refused where it cannot go on."""

    def __init__(self, url: URL) -> None:
        self.engine: Engine = create_engine(
            url, hide_parameters=True, pool_size=1, connect_args=connect_options(url)
        )

    def begin(self, totals: Mapping[str, int], *, start_over: bool) -> dict[str, int]:
        """Prepare for these numbers of rows; returns how many of each table are there already."""
        with self.engine.begin() as connection:
            if unfit := encoding_problem(connection):
                raise Refused(unfit)
            if start_over:
                _clear(connection)
            if UNFINISHED_MOVE in _heads(connection):
                return _resume(connection, totals)
            _require_empty(connection)
        # The migrations close it.
        config = migrate.get_config(str(MIGRATIONS_DIR))
        config.attributes["connection"] = self.engine.connect()
        command.upgrade(config, "heads")
        with self.engine.begin() as connection:
            _progress.create(connection)
            rows = [{"table_name": name, "total": total} for name, total in totals.items()]
            connection.execute(insert(_progress).values(copied=0), rows)
            connection.execute(insert(_revisions), {"version_num": UNFINISHED_MOVE})
            # What triggers keep comes with the rows, and would be counted twice.
            _switch_triggers(connection, [table.name for table in tables()], "DISABLE")
        return dict.fromkeys(totals, 0)

    def append(self, table: Table, rows: Iterable[Sequence[Any]], *, copied: int) -> int:
        """Store the next rows of a table that has `copied` so far; returns how many it took."""
        with self.engine.begin() as connection:
            mine = _progress.c.table_name == table.name
            held = connection.execute(select(_progress.c.copied).where(mine).with_for_update())
            if held.scalar() != copied:
                raise Refused("Another move to this database is under way: let one of them end.")
            count = _copy(connection, table, islice(rows, BATCH_ROWS))
            connection.execute(update(_progress).where(mine).values(copied=copied + count))
        return count

    def finish(self, high_marks: Mapping[str, int]) -> None:
        """Make it an instance like any other; ids go on above the marks."""
        with self.engine.begin() as connection:
            for name, highest in high_marks.items():
                sequence = func.pg_get_serial_sequence(name, "id")
                connection.execute(select(func.setval(sequence, max(highest, 1), highest > 0)))
            _switch_triggers(connection, [table.name for table in tables()], "ENABLE")
            _progress.drop(connection)
            is_mark = _revisions.c.version_num == UNFINISHED_MOVE
            connection.execute(delete(_revisions).where(is_mark))
            # Else PostgreSQL plans its first queries without knowing how large the tables are.
            connection.exec_driver_sql("ANALYZE")


def _heads(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _clear(connection: Connection) -> None:
    """Delete what an unfinished move left, and nothing else."""
    if UNFINISHED_MOVE not in _heads(connection):
        return
    names = [table.name for table in tables()]
    # The audit guards itself against being emptied; this one is of no instance yet.
    _switch_triggers(connection, names, "DISABLE")
    connection.exec_driver_sql(f"TRUNCATE {', '.join(names)}")
    _switch_triggers(connection, names, "ENABLE")
    _progress.drop(connection)
    connection.execute(delete(_revisions).where(_revisions.c.version_num == UNFINISHED_MOVE))


def _switch_triggers(connection: Connection, names: Iterable[str], how: str) -> None:
    for name in names:
        connection.exec_driver_sql(f"ALTER TABLE {name} {how} TRIGGER USER")


def _resume(connection: Connection, totals: Mapping[str, int]) -> dict[str, int]:
    rows = connection.execute(select(_progress)).all()
    is_same = {row.table_name: row.total for row in rows} == totals
    if not is_same or _heads(connection) != newest_revisions() | {UNFINISHED_MOVE}:
        raise Refused(
            "The instance has changed since this move began: --start-over empties the target and"
            " begins anew."
        )
    return {row.table_name: row.copied for row in rows}


def _require_empty(connection: Connection) -> None:
    existing = set(inspect(connection).get_table_names())
    heads = _heads(connection)
    if existing and not heads:
        raise Refused(
            f"The target is not empty: it has a table {min(existing)}, and none of this service's."
            " Make a database for the instance alone."
        )
    if not heads <= known_revisions():
        raise Refused("The target was migrated by another version of this code: take an empty one.")
    for table in tables():
        if (
            table.name in existing
            and connection.execute(select(literal_column("1")).select_from(table).limit(1)).scalar()
        ):
            raise Refused(
                f"The target is not empty: it has rows in {table.name}. A move joins no instances;"
                " take an empty database."
            )


def _copy(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> int:
    """COPY takes rows some five times as fast as INSERT."""
    dialect = connection.dialect
    driver = dialect.loaded_dbapi  # not imported: servers on SQLite would carry 9 MiB for nothing
    quoted = dialect.identifier_preparer
    names = ", ".join(quoted.quote(column.name) for column in table.columns)
    processors = [stored_as(column.type, dialect) for column in table.columns]
    count, last = 0, None
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(f"COPY {quoted.format_table(table)} ({names}) FROM STDIN") as copy:
            for row in rows:
                last = row
                copy.write_row(
                    [
                        value if process is None else process(value)
                        for value, process in zip(row, processors, strict=True)
                    ]
                )
                count += 1
    except (driver.DataError, driver.IntegrityError) as error:
        raise Refused(_unfit(table, last, error)) from error
    finally:
        with suppress(driver.Error):
            cursor.close()
    return count


def _unfit(table: Table, last: Sequence[Any] | None, error: Any) -> str:
    """Say where it stopped, without the contents of the row."""
    reason = error.diag.message_primary or str(error)
    keys = [
        str(value)
        for column, value in zip(table.columns, last or (), strict=False)
        if column.primary_key and isinstance(value, int)
    ]
    place = f", at or before {', '.join(keys)}" if keys else ""
    return f"PostgreSQL does not take a row of {table.name}{place}: {reason}."
