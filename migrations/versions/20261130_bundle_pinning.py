"""bundle pinning

Whether the first event that names an app binds its project to it. It was always so, and stays so.
"""

import sqlalchemy as sa
from alembic import op

revision = "e83b50d6f7a1"
down_revision = "5d0c7e19a3f4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "projects",
        sa.Column("bundle_pinning", sa.Boolean(), server_default=sa.true(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("projects", "bundle_pinning")
