"""Transactions, and what stands between them and the database."""

from app.database.sqlite_file import truncate_log
from app.database.statements import insert_into, insert_unless_exists, is_missing_parent
from app.database.transactions import (
    init_database,
    note_failure,
    planned_for_values,
    read_transaction,
    single_statements,
    snapshot,
    write,
    write_single,
    write_transaction,
    writers_take_turns,
)

__all__ = [
    "init_database",
    "insert_into",
    "insert_unless_exists",
    "is_missing_parent",
    "note_failure",
    "planned_for_values",
    "read_transaction",
    "single_statements",
    "snapshot",
    "truncate_log",
    "write",
    "write_single",
    "write_transaction",
    "writers_take_turns",
]
