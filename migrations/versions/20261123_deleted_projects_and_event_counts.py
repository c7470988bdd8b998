"""deleted projects and event counts"""

import sqlalchemy as sa
from alembic import op

revision = "c41d8f0b27a9"
down_revision = "ab775c7ae5e0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_received", ["project_id", "created_at"], unique=False)
        batch_op.drop_index(batch_op.f("ix_events_project_id"))

    # SQLite copies the table, and the copy would reuse ids if it were not told otherwise.
    with op.batch_alter_table(
        "projects", schema=None, table_kwargs={"sqlite_autoincrement": True}
    ) as batch_op:
        batch_op.alter_column(
            "owner_id",
            existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_projects_owner"), "owner_id IS NOT NULL OR deleted_at IS NOT NULL"
        )


def downgrade() -> None:
    # Deleted projects wait for their purge under any owner; nobody finds them either way.
    op.execute(
        "UPDATE projects SET owner_id = (SELECT min(id) FROM accounts) WHERE owner_id IS NULL"
    )
    orphans = sa.text("SELECT count(*) FROM projects WHERE owner_id IS NULL")
    if op.get_bind().execute(orphans).scalar():
        raise RuntimeError(
            "Deleted projects wait for their purge, and no account is left to hold them meanwhile:"
            " run `pionne-feedback retention run` first."
        )
    with op.batch_alter_table(
        "projects", schema=None, table_kwargs={"sqlite_autoincrement": True}
    ) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_projects_owner"), type_="check")
        batch_op.alter_column(
            "owner_id",
            existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        )

    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_project_id"), ["project_id"], unique=False)
        batch_op.drop_index("ix_events_received")
