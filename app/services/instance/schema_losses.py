"""What a migration would delete with the tables and columns that it drops.

A downgrade looks like the harmless opposite of an upgrade, but may delete years of feedback. So
each table and column is looked at before it is dropped, and noted if it holds anything. Then
migrations/env.py says so and undoes everything, unless it was told to delete.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.operations import Operations, toimpl
from alembic.operations.ops import DropColumnOp, DropTableOp
from sqlalchemy import column, func, select, table

ALLOWED_BY = "delete-data=yes"


@contextmanager
def noting_losses() -> Iterator[list[str]]:
    """Note what the block drops, one entry for each table or column: "2 rows of feedback"."""
    losses: list[str] = []

    @Operations.implementation_for(DropTableOp, replace=True)
    def drop_table(operations: Operations, operation: DropTableOp) -> None:
        if count := _count(operations, operation.table_name):
            losses.append(f"{count} {_plural('row', count)} of {operation.table_name}")
        toimpl.drop_table(operations, operation)

    @Operations.implementation_for(DropColumnOp, replace=True)
    def drop_column(operations: Operations, operation: DropColumnOp) -> None:
        if count := _count(operations, operation.table_name, operation.column_name):
            values = _plural("value", count)
            losses.append(f"{count} {values} of {operation.table_name}.{operation.column_name}")
        toimpl.drop_column(operations, operation)

    try:
        yield losses
    finally:
        Operations.implementation_for(DropTableOp, replace=True)(toimpl.drop_table)
        Operations.implementation_for(DropColumnOp, replace=True)(toimpl.drop_column)


def refusal(losses: list[str]) -> str:
    return (
        f"This would delete {', '.join(losses)}. Nothing was changed. If that is what you want,"
        f" make a backup and repeat the command with `-x {ALLOWED_BY}`."
    )


def _count(operations: Operations, table_name: str, column_name: str | None = None) -> int:
    """The number of rows of a table, or of values in a column that are not null."""
    what = func.count() if column_name is None else func.count(column(column_name))
    query = select(what).select_from(table(table_name))
    count: int = operations.get_bind().execute(query).scalar_one()
    return count


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
