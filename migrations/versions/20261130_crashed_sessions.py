"""crashed sessions in an index of their own, for the release gate"""

import sqlalchemy as sa
from alembic import op

revision = "c5d07e92b41a"
down_revision = "a41d7f0c93be"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_crashed = sa.text("status = 'crashed'")
    op.create_index(
        "ix_sessions_crashed",
        "sessions",
        ["release_id", "day", "user_key"],
        sqlite_where=is_crashed,
        postgresql_where=is_crashed,
    )


def downgrade() -> None:
    op.drop_index("ix_sessions_crashed", "sessions")
