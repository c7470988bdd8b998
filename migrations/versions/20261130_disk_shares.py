"""disk shares

What each project keeps. Nothing is counted here: that is done when somebody looks first, and by
each retention run.
"""

import sqlalchemy as sa
from alembic import op

revision = "4e8b71f0c2d6"
down_revision = "3e8b51c07d92"
branch_labels = None
depends_on = None

_REFERENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "disk_shares",
        sa.Column("project_id", _REFERENCE, nullable=False),
        sa.Column("of_table", sa.String(length=63), nullable=False),
        sa.Column("rows_kept", _REFERENCE, nullable=False),
        sa.Column("bytes_kept", _REFERENCE, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_disk_shares_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "of_table", name=op.f("pk_disk_shares")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("disk_shares")
