"""sessions of a release by operating system and by version"""

import sqlalchemy as sa
from alembic import op

revision = "3e8b51c07d92"
down_revision = "7c15e0a9d3b4"
branch_labels = None
depends_on = None

_SLICES = ("os_name", "app_version")


def upgrade() -> None:
    for by in _SLICES:
        op.create_index(
            f"ix_sessions_by_{by}",
            "sessions",
            ["release_id", "day", by, "status", "user_key"],
            # All rows, but only for the queries that repeat it.
            sqlite_where=sa.text("status <> ''"),
            postgresql_where=sa.text("status <> ''"),
        )


def downgrade() -> None:
    for by in _SLICES:
        op.drop_index(f"ix_sessions_by_{by}", "sessions")
