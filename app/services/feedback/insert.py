"""The statements that store feedback, with what is searched of it, while its sender's token holds.

On PostgreSQL they are one, so that a round trip does for what would take four.
"""

from collections.abc import Mapping
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


def insert_with_text(connection: Connection, values: Mapping[str, Any]) -> int | None:
    """The new id, or None for a duplicate and for a token that is the project's no more.

    `values` are those of the columns, `token_digest` and `folded`.
    """
    if connection.dialect.name == "postgresql":
        stored: int | None = _INSERT_WITH_TEXT.value(connection, values)
        return stored
    new_id: int | None = _INSERT.value(connection, values)
    if new_id is not None:
        text = {"project_id": values["project_id"], "folded": values["folded"]}
        _INSERT_TEXT.rows(connection, text | {"feedback_id": new_id})
    return new_id


def _insert(dialect_name: str) -> ReturningInsert[Any]:
    row = select(*(given(dialect_name, getattr(Feedback, name)) for name in _COLUMNS))
    return (
        insert_into(dialect_name, Feedback)
        .from_select(_COLUMNS, row.where(senders.still_holds()), include_defaults=False)
        .on_conflict_do_nothing(index_elements=["duplicate_key"])
        .returning(Feedback.id)
    )


def _insert_both(dialect_name: str) -> Select[int]:
    new = _insert(dialect_name).cte("new")
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
