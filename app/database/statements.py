"""INSERTs that both databases understand, and what a refused one means."""

from functools import cache
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.dml import ReturningInsert

from app.extensions import Model


def is_missing_parent(error: IntegrityError) -> bool:
    """Whether a row was to point to one that another transaction has deleted."""
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return code in ("SQLITE_CONSTRAINT_FOREIGNKEY", "23503")


def insert_into(dialect_name: str, model: type[Model]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what happens on a conflict.

    Statements that are used for every request are built once a dialect, with functools.cache:
    building one costs more than executing it.
    """
    if dialect_name == "sqlite":
        return sqlite.insert(model)
    return postgresql.insert(model)


@cache
def insert_unless_exists(
    dialect_name: str,
    model: type[Model],
    *conflict_columns: str,
    returning: InstrumentedAttribute[Any] | None = None,
) -> sqlite.Insert | postgresql.Insert | ReturningInsert[Any]:
    """An INSERT that does nothing, and returns no row, where the columns' values exist already."""
    insert = insert_into(dialect_name, model).on_conflict_do_nothing(
        index_elements=conflict_columns
    )
    return insert if returning is None else insert.returning(returning)
