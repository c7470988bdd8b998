"""audit of one target

An index alone, made without copying the table: its triggers stay.
"""

from alembic import op

revision = "b7a4e90c25f1"
down_revision = "8e02f6a4d913"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_entries_target", "audit_entries", ["project_id", "target_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_entries_target", "audit_entries")
