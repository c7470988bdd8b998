"""issues by status"""

from alembic import op

revision = "d2f6b81e7c03"
down_revision = "b7a4e90c25f1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_issues_status", "issues", ["project_id", "status", "last_seen_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_issues_status", "issues")
