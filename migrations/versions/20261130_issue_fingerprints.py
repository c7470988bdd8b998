"""fingerprints of other versions, by which an issue is known beside its own"""

import sqlalchemy as sa
from alembic import op

revision = "f4a7c3190e6d"
down_revision = "d93f1b6a28e0"
branch_labels = None
depends_on = None

_REFERENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "issue_fingerprints",
        sa.Column("project_id", _REFERENCE, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issue_id", _REFERENCE, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_issue_fingerprints_issue_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_issue_fingerprints_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "fingerprint", name=op.f("pk_issue_fingerprints")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_issue_fingerprints_issue", "issue_fingerprints", ["issue_id"])


def downgrade() -> None:
    op.drop_table("issue_fingerprints")
