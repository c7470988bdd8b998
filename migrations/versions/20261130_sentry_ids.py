"""what the Sentry dialect tells of feedback and events"""

import sqlalchemy as sa
from alembic import op

revision = "5e7c90d3a1b8"
down_revision = "b83f5a1d60ce"
branch_labels = None
depends_on = None

_BIG_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UUID = sa.LargeBinary(length=16)
_AWAITS_EVENT = sa.text("sentry_event_ref IS NOT NULL AND event_id IS NULL")


def upgrade() -> None:
    op.add_column("events", sa.Column("sentry_id", _UUID, nullable=True))
    op.add_column("feedback", sa.Column("details", sa.JSON(), nullable=True))
    op.add_column("feedback", sa.Column("sentry_event_ref", _UUID, nullable=True))
    op.create_index(
        "ix_feedback_sentry_event",
        "feedback",
        ["project_id", "sentry_event_ref"],
        sqlite_where=_AWAITS_EVENT,
        postgresql_where=_AWAITS_EVENT,
    )
    op.create_table(
        "sentry_ids",
        sa.Column("project_id", _BIG_INTEGER, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sentry_id", _UUID, nullable=False),
        sa.Column("row_id", _BIG_INTEGER, nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_sentry_ids_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "kind", "sentry_id", name=op.f("pk_sentry_ids")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sentry_ids_received", "sentry_ids", ["received_at"])


def downgrade() -> None:
    op.drop_table("sentry_ids")
    op.drop_index("ix_feedback_sentry_event", "feedback")
    op.drop_column("feedback", "sentry_event_ref")
    op.drop_column("feedback", "details")
    op.drop_column("events", "sentry_id")
