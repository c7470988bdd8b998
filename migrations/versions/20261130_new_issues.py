"""new issues a day

How many issues were new in a project on a day; none was counted before.
"""

import sqlalchemy as sa
from alembic import op

revision = "a41d7f0c93be"
down_revision = "7c14e9b2d60a"
branch_labels = None
depends_on = None

_BIG_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "new_names", sa.Column("issues", _BIG_INTEGER, server_default="0", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("new_names", "issues")
