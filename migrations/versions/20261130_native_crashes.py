"""native crashes

A session is found by its user, and an issue tells when it was resolved.
"""

import sqlalchemy as sa
from alembic import op

revision = "5d0c7e19a3f4"
down_revision = "4f1d7c6a90e2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sessions_release_day_user", "sessions", ["release_id", "day", "user_key"])
    op.drop_index("ix_sessions_release_day", "sessions")
    op.add_column("issues", sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
    # The audit knows when. Where it does not, no event has come since it was resolved.
    op.execute("""
        UPDATE issues SET resolved_at = coalesce(
            (
                SELECT max(audit_entries.created_at) FROM audit_entries
                WHERE audit_entries.project_id = issues.project_id
                    AND audit_entries.target_id = issues.id
                    AND audit_entries.action = 'issue.resolved'
            ),
            last_seen_at
        )
        WHERE status = 'resolved'
        """)


def downgrade() -> None:
    op.drop_column("issues", "resolved_at")
    op.create_index("ix_sessions_release_day", "sessions", ["release_id", "day"])
    op.drop_index("ix_sessions_release_day_user", "sessions")
