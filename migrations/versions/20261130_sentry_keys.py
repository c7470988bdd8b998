"""keys of projects for the Sentry dialect

Every project gets one: a DSN is there without anybody asking for it.
"""

import sqlalchemy as sa
from alembic import op

revision = "3d70b9c2e6f4"
down_revision = "5e7c90d3a1b8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("projects", sa.Column("sentry_key", sa.String(length=32), nullable=True))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    key = (
        "lower(hex(randomblob(16)))"
        if is_sqlite
        else "replace(CAST(gen_random_uuid() AS text), '-', '')"
    )
    op.execute(f"UPDATE projects SET sentry_key = {key} WHERE deleted_at IS NULL")
    op.create_index(op.f("ix_projects_sentry_key"), "projects", ["sentry_key"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_projects_sentry_key"), table_name="projects")
    op.drop_column("projects", "sentry_key")
