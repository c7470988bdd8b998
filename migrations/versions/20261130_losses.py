"""losses"""

import sqlalchemy as sa
from alembic import op

revision = "b60e8d41c7a5"
down_revision = "c7f2a40b9d16"
branch_labels = None
depends_on = None

_REFERENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "losses",
        sa.Column("project_id", _REFERENCE, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("quantity", _REFERENCE, nullable=False),
        sa.Column("named_app", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_losses_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "project_id", "day", "source", "kind", "reason", name=op.f("pk_losses")
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("losses")
