"""feedback texts

What is searched of each piece of feedback, folded, in a table of its own; and the indexes that it
needs. Filled here for what is there: as app/domain/search_text.py does now, whatever it does later.
"""

import sqlalchemy as sa
from alembic import op

revision = "4f1d7c6a90e2"
down_revision = "d2f6b81e7c03"
branch_labels = None
depends_on = None

_BATCH_ROWS = 1000
_IS_IN_INBOX = sa.text("status != 'archived'")
_FEEDBACK = sa.table(
    "feedback", *map(sa.column, ("id", "project_id", "message", "name", "email", "url"))
)
_TEXTS = sa.table("feedback_texts", *map(sa.column, ("project_id", "feedback_id", "folded")))


def upgrade() -> None:
    op.drop_index("ix_feedback_status", "feedback")
    op.create_index("ix_feedback_status", "feedback", ["project_id", "status", "id", "created_at"])
    op.drop_index("ix_feedback_all", "feedback")
    op.create_index("ix_feedback_all", "feedback", ["project_id", "id"], unique=True)
    _remake_inbox_index()
    op.create_table(
        "feedback_texts",
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "feedback_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("folded", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "feedback_id"],
            ["feedback.project_id", "feedback.id"],
            name=op.f("fk_feedback_texts_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "feedback_id", name=op.f("pk_feedback_texts")),
        sqlite_with_rowid=False,
    )
    _fill()


def _remake_inbox_index() -> None:
    """Where SQLite knows nothing of the rows, it takes the newer one of two indexes that would do:
    of the inbox, that is to be this."""
    op.drop_index("ix_feedback_inbox", "feedback")
    op.create_index(
        "ix_feedback_inbox",
        "feedback",
        ["project_id", "id"],
        sqlite_where=_IS_IN_INBOX,
        postgresql_where=_IS_IN_INBOX,
    )


def _fill() -> None:
    connection, last = op.get_bind(), 0
    query = sa.select(_FEEDBACK).order_by(_FEEDBACK.c.id).limit(_BATCH_ROWS)
    while rows := connection.execute(query.where(_FEEDBACK.c.id > last)).all():
        texts = [
            {
                "project_id": row.project_id,
                "feedback_id": row.id,
                "folded": "\n".join(
                    text for text in (row.message, row.name, row.email, row.url) if text
                ).casefold(),
            }
            for row in rows
        ]
        connection.execute(sa.insert(_TEXTS), texts)
        last = rows[-1].id


def downgrade() -> None:
    op.drop_table("feedback_texts")
    op.drop_index("ix_feedback_all", "feedback")
    op.create_index("ix_feedback_all", "feedback", ["project_id", "id"])
    _remake_inbox_index()
    op.drop_index("ix_feedback_status", "feedback")
    op.create_index("ix_feedback_status", "feedback", ["project_id", "status", "id"])
