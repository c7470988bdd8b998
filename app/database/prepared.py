"""Statements of every request, compiled once and run past SQLAlchemy's execution.

For a look-up by key SQLAlchemy takes ten times as long as SQLite itself, because it works
everything out again each time. Here the SQL that it compiled is kept, and its types convert the
values; connection, transaction and errors are SQLAlchemy's as ever. Use this only for what each
request runs (docs/decisions/0019-prepared-statements.md).

This uses what SQLAlchemy documents for dialects only: `binds`, `positional` and `positiontup` of
what it compiled, `dialect_impl`, `bind_processor` and `result_processor` of types, `is_disconnect`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, bindparam, cast
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import Select, TextualSelect
from sqlalchemy.types import TypeEngine

Statement = Select[*tuple[Any, ...]] | TextualSelect | UpdateBase
_Convert = Callable[[Any], Any]
_Row = tuple[Any, ...]


@dataclass(frozen=True)
class _Compiled:
    sql: str
    # The names of the values in the order of the marks in the SQL; None where marks have names.
    order: tuple[str, ...] | None
    constants: Mapping[str, Any]
    convert: tuple[tuple[str, _Convert], ...]
    read: tuple[tuple[int, _Convert], ...]
    returns_rows: bool  # known here, because psycopg takes long to describe them each time

    @classmethod
    def of(cls, statement: Statement, names: Iterable[str], dialect: Dialect) -> "_Compiled":
        """`names` are the names of the values that each run gives."""
        given = frozenset(names)
        compiled = statement.compile(dialect=dialect, column_keys=sorted(given))
        assert isinstance(compiled, SQLCompiler)
        constants = {name: value for name, value in compiled.params.items() if name not in given}
        convert = _bind_processors(compiled, dialect)
        return cls(
            sql=compiled.string,
            order=tuple(compiled.positiontup or ()) if compiled.positional else None,
            constants={
                name: convert[name](value) if name in convert else value
                for name, value in constants.items()
            },
            convert=tuple((name, convert[name]) for name in convert if name in given),
            read=_result_processors(statement, dialect),
            returns_rows=bool(len(statement.exported_columns)),
        )

    def parameters(self, values: Mapping[str, Any]) -> Any:
        bound = {**self.constants, **values}
        for name, convert in self.convert:
            bound[name] = convert(bound[name])
        return bound if self.order is None else [bound[name] for name in self.order]

    def rows(self, found: list[_Row]) -> list[_Row]:
        if not self.read:
            return found
        return [self._row(row) for row in found]

    def _row(self, row: _Row) -> _Row:
        values = list(row)
        for position, read in self.read:
            values[position] = read(values[position])
        return tuple(values)


class Prepared:
    """One statement. `build` makes it for a dialect's name, the first time that it is needed.

    Values are given by the names of `bindparam`s or, for an INSERT, of columns; each run must give
    the same names. Lists of any length (`IN`) and SQLAlchemy's own defaults of columns do not work.
    """

    def __init__(self, build: Callable[[str], Statement]) -> None:
        self._build = build
        # Two threads may both compile it; the second result takes the place of an equal one.
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[_Row]:
        """Run it; returns its rows as plain tuples. Raises what SQLAlchemy would raise.

        It begins no transaction: use it inside a `write_transaction`, or for a single read.
        """
        compiled = self._for(connection.dialect, values)
        with _errors_of(connection, compiled.sql) as driver:
            cursor = driver.execute(compiled.sql, compiled.parameters(values))
            found = cursor.fetchall() if compiled.returns_rows else []
        return compiled.rows(found)

    def each(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of `many`; PostgreSQL is sent all of them together."""
        if not many:
            return
        compiled = self._for(connection.dialect, many[0])
        with _errors_of(connection, compiled.sql) as driver:
            driver.cursor().executemany(compiled.sql, list(map(compiled.parameters, many)))

    def value(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The first value of the first row, or None."""
        found = self.rows(connection, values)
        return found[0][0] if found else None

    def _for(self, dialect: Dialect, values: Mapping[str, Any]) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = _Compiled.of(self._build(dialect.name), values, dialect)
            self._compiled[dialect.name] = compiled
        return compiled


def given(dialect_name: str, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The value that is given by the column's name, for the SELECT of an INSERT … SELECT."""
    value = bindparam(column.key, type_=column.type)
    # Without a cast PostgreSQL takes the value for text; with one SQLite makes a number of a date.
    return value if dialect_name == "sqlite" else cast(value, column.type)


def stored_as(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    """What makes a value of the type into one that the driver takes; None where it does already."""
    return _in(dialect, type_).bind_processor(dialect)


def _bind_processors(compiled: SQLCompiler, dialect: Dialect) -> dict[str, _Convert]:
    made = {name: stored_as(bind.type, dialect) for name, bind in compiled.binds.items()}
    return {name: convert for name, convert in made.items() if convert is not None}


def _result_processors(statement: Statement, dialect: Dialect) -> tuple[tuple[int, _Convert], ...]:
    columns = enumerate(statement.exported_columns)
    made = [(n, _in(dialect, each.type).result_processor(dialect, None)) for n, each in columns]
    return tuple((position, read) for position, read in made if read is not None)


def _in(dialect: Dialect, type_: TypeEngine[Any]) -> TypeEngine[Any]:
    return type_.dialect_impl(dialect)


@contextmanager
def _errors_of(connection: Connection, sql: str) -> Iterator[Any]:
    """Give the driver's connection, and turn its errors into SQLAlchemy's, without the values."""
    dialect = connection.dialect
    wrapped = connection.connection
    try:
        yield wrapped.driver_connection
    except dialect.loaded_dbapi.Error as error:
        is_gone = dialect.is_disconnect(error, wrapped, None)
        if is_gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=is_gone,
            dialect=dialect,
        ) from error
