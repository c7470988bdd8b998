"""sessions of a user"""

import sqlalchemy as sa
from alembic import op

revision = "7c14e9b2d60a"
down_revision = "2b9e60d5c1f8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """On a large PostgreSQL table the index takes its time, and sessions wait for it."""
    op.create_index(
        "ix_sessions_user",
        "sessions",
        ["project_id", "user_key", "started_at", "id"],
        sqlite_where=sa.text("user_key IS NOT NULL"),
        postgresql_where=sa.text("user_key IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_sessions_user", "sessions")
