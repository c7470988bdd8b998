"""project tokens

A project has several; the one it had is the first, and goes on working.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "a91c3e5d7f20"
down_revision = "e83b50d6f7a1"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NEWEST = "SELECT max(id) FROM project_tokens GROUP BY project_id"


def upgrade() -> None:
    op.create_table(
        "project_tokens",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("project_id", _ROW_ID, nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("preview", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_project_tokens_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_project_tokens_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_project_tokens_project_id"), "project_tokens", ["project_id"])
    op.execute("""
        INSERT INTO project_tokens (project_id, label, digest, preview, created_at)
        SELECT id, 'First token', token_digest, token_preview, created_at
        FROM projects ORDER BY id
        """)
    with _changed_projects() as batch_op:
        batch_op.drop_constraint(op.f("uq_projects_token_digest"), type_="unique")
        # Past what notes losses: these two have moved.
        for name in ("token_digest", "token_preview"):
            batch_op.impl.drop_column("projects", sa.Column(name))


def downgrade() -> None:
    with _changed_projects() as batch_op:
        batch_op.add_column(sa.Column("token_digest", sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column("token_preview", sa.String(length=20), nullable=True))
    op.execute(f"""
        UPDATE projects SET token_digest = kept.digest, token_preview = kept.preview
        FROM project_tokens AS kept
        WHERE kept.project_id = projects.id AND kept.id IN ({_NEWEST})
        """)
    # Deleted projects have no token; this one is nobody's.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    nobodys = "randomblob(32)" if is_sqlite else "sha256(gen_random_uuid()::text::bytea)"
    op.execute(f"""
        UPDATE projects SET token_digest = {nobodys}, token_preview = 'pio_live_0000...'
        WHERE token_digest IS NULL
        """)
    with _changed_projects() as batch_op:
        batch_op.alter_column("token_digest", existing_type=sa.LargeBinary(32), nullable=False)
        batch_op.alter_column("token_preview", existing_type=sa.String(20), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_projects_token_digest"), ["token_digest"])
    # What has moved is not lost; every other token is, and is told.
    op.execute(f"DELETE FROM project_tokens WHERE id IN ({_NEWEST})")
    op.drop_table("project_tokens")


@contextmanager
def _changed_projects() -> Iterator[BatchOperations]:
    """SQLite copies the table: ids go on, its check is repeated, triggers that name it stay."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("PRAGMA legacy_alter_table = ON")
    owner = sa.CheckConstraint(
        "owner_id IS NOT NULL OR deleted_at IS NOT NULL", name=op.f("ck_projects_owner")
    )
    with op.batch_alter_table(
        "projects", table_args=(owner,), table_kwargs={"sqlite_autoincrement": True}
    ) as batch_op:
        yield batch_op
    if is_sqlite:
        op.execute("PRAGMA legacy_alter_table = OFF")
