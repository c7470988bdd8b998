"""The statements that store feedback, with what is searched of it, while its sender's token holds.

On PostgreSQL they are one, so that a round trip does for what would take four.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, insert, select
from sqlalchemy.sql.dml import ReturningInsert

from app.database import insert_into
from app.database.prepared import Prepared, given
from app.models import Feedback, FeedbackText
from app.services.feedback.fields import SUBMITTED
from app.services.projects import senders

_COLUMNS = (
    "project_id",
    "event_id",
    "issue_id",
    "event_release",
    *SUBMITTED,
    "status",
    "created_at",
    "address_hash",
    "duplicate_key",
)


_OF_SENTRY = (*_COLUMNS, "details", "sentry_event_ref")


def insert_with_text(connection: Connection, values: Mapping[str, Any]) -> int | None:
    """The new id, or None for a duplicate and for a token that is the project's no more.

    `values` are those of the columns, `token_digest` and `folded`; those of the Sentry dialect have
    more columns, which ours does not pay for.
    """
    is_of_sentry = "details" in values
    if connection.dialect.name == "postgresql":
        both = _INSERT_BOTH_OF_SENTRY if is_of_sentry else _INSERT_WITH_TEXT
        stored: int | None = both.value(connection, values)
        return stored
    row = _INSERT_OF_SENTRY if is_of_sentry else _INSERT
    new_id: int | None = row.value(connection, values)
    if new_id is not None:
        text = {"project_id": values["project_id"], "folded": values["folded"]}
        _INSERT_TEXT.rows(connection, text | {"feedback_id": new_id})
    return new_id


def _insert(dialect_name: str, columns: Sequence[str] = _COLUMNS) -> ReturningInsert[Any]:
    row = select(*(given(dialect_name, getattr(Feedback, name)) for name in columns))
    return (
        insert_into(dialect_name, Feedback)
        .from_select(columns, row.where(senders.still_holds()), include_defaults=False)
        .on_conflict_do_nothing(index_elements=["duplicate_key"])
        .returning(Feedback.id)
    )


def _insert_both(dialect_name: str, columns: Sequence[str] = _COLUMNS) -> Select[int]:
    new = _insert(dialect_name, columns).cte("new")
    project_id, folded = (
        given(dialect_name, getattr(FeedbackText, name)) for name in ("project_id", "folded")
    )
    text = insert(FeedbackText).from_select(
        ["project_id", "feedback_id", "folded"], select(project_id, new.c.id, folded)
    )
    return select(new.c.id).add_cte(text.cte("text"))


_INSERT = Prepared(_insert)
_INSERT_TEXT = Prepared(lambda _: insert(FeedbackText))
_INSERT_WITH_TEXT = Prepared(_insert_both)
_INSERT_OF_SENTRY = Prepared(partial(_insert, columns=_OF_SENTRY))
_INSERT_BOTH_OF_SENTRY = Prepared(partial(_insert_both, columns=_OF_SENTRY))
