"""what is searched is folded anew, as one sees it

By the rules of the code that runs, because that is what searches it.
"""

import sys

import sqlalchemy as sa
from alembic import op

from app.domain.search_text import search_text

revision = "2b9e60d5c1f8"
down_revision = "f4a7c3190e6d"
branch_labels = None
depends_on = None

_BATCH_ROWS = 1000
_TOLD_FROM_ROWS = 20_000  # below, it is done before anybody could read
_FEEDBACK = sa.table(
    "feedback", *map(sa.column, ("id", "project_id", "message", "name", "email", "url"))
)
_TEXTS = sa.table("feedback_texts", *map(sa.column, ("project_id", "feedback_id", "folded")))


def upgrade() -> None:
    _fold(lambda row: search_text((row.message, row.name, row.email, row.url)))


def downgrade() -> None:
    texts = ("message", "name", "email", "url")
    _fold(lambda row: "\n".join(filter(None, (getattr(row, name) for name in texts))).casefold())


def _fold(folded) -> None:
    connection, last, done = op.get_bind(), 0, 0
    total = connection.execute(sa.select(sa.func.count()).select_from(_TEXTS)).scalar_one()
    change = (
        sa.update(_TEXTS)
        .where(
            _TEXTS.c.project_id == sa.bindparam("of_project"),
            _TEXTS.c.feedback_id == sa.bindparam("of_feedback"),
        )
        .values(folded=sa.bindparam("now"))
    )
    query = sa.select(_FEEDBACK).order_by(_FEEDBACK.c.id).limit(_BATCH_ROWS)
    while rows := connection.execute(query.where(_FEEDBACK.c.id > last)).all():
        connection.execute(
            change,
            [
                {"of_project": row.project_id, "of_feedback": row.id, "now": folded(row)}
                for row in rows
            ],
        )
        last, done = rows[-1].id, done + len(rows)
        if total >= _TOLD_FROM_ROWS:
            print(f"\rFolding texts for the search: {done:,} of {total:,}", end="", file=sys.stderr)
    if total >= _TOLD_FROM_ROWS:
        print(file=sys.stderr)
