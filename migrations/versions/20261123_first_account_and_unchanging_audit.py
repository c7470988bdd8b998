"""first account, and an audit that does not change

The triggers hang on their table: a later migration that lets SQLite copy `audit_entries` (any
`batch_alter_table` of it) drops them silently and must call `_guard_audit()` again.
"""

import sqlalchemy as sa
from alembic import op

revision = "8e02f6a4d913"
down_revision = "c41d8f0b27a9"
branch_labels = None
depends_on = None

# Erasing a person may hide who it was, and nothing else; whole entries go with their project only.
_SQLITE = (
    """
    CREATE TRIGGER audit_entries_stay_as_they_are BEFORE UPDATE ON audit_entries
    WHEN NEW.id IS NOT OLD.id OR NEW.project_id IS NOT OLD.project_id
      OR NEW.action IS NOT OLD.action OR NEW.target_id IS NOT OLD.target_id
      OR NEW.created_at IS NOT OLD.created_at
      OR (NEW.actor IS NOT OLD.actor AND NEW.actor IS NOT '[REDACTED]')
      OR (NEW.detail IS NOT OLD.detail AND NEW.detail NOT LIKE '%[REDACTED]%')
    BEGIN SELECT RAISE(ABORT, 'audit entries stay as they are'); END
    """,
    """
    CREATE TRIGGER audit_entries_go_with_their_project BEFORE DELETE ON audit_entries
    WHEN EXISTS (SELECT 1 FROM projects WHERE id = OLD.project_id AND deleted_at IS NULL)
    BEGIN SELECT RAISE(ABORT, 'audit entries go with their project only'); END
    """,
    # Without it, INSERT OR REPLACE would rewrite an entry: what it replaces fires no trigger.
    """
    CREATE TRIGGER audit_entries_are_new BEFORE INSERT ON audit_entries
    WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'audit entries stay as they are'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION audit_entries_stay_as_they_are() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.id <> OLD.id OR NEW.project_id <> OLD.project_id OR NEW.action <> OLD.action
        OR NEW.target_id IS DISTINCT FROM OLD.target_id OR NEW.created_at <> OLD.created_at
        OR (NEW.actor IS DISTINCT FROM OLD.actor AND NEW.actor IS DISTINCT FROM '[REDACTED]')
        OR (NEW.detail::text <> OLD.detail::text AND NEW.detail::text NOT LIKE '%[REDACTED]%')
      THEN RAISE EXCEPTION 'audit entries stay as they are'; END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION audit_entries_go_with_their_project() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM projects WHERE id = OLD.project_id AND deleted_at IS NULL)
      THEN RAISE EXCEPTION 'audit entries go with their project only'; END IF;
      RETURN OLD;
    END $$
    """,
    """
    CREATE TRIGGER audit_entries_stay_as_they_are BEFORE UPDATE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_stay_as_they_are()
    """,
    """
    CREATE TRIGGER audit_entries_go_with_their_project BEFORE DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_go_with_their_project()
    """,
    """
    CREATE FUNCTION audit_entries_are_not_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit entries go with their project only'; END $$
    """,
    """
    CREATE TRIGGER audit_entries_are_not_truncated BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_are_not_truncated()
    """,
)
_TRIGGERS = ("audit_entries_stay_as_they_are", "audit_entries_go_with_their_project")


def upgrade() -> None:
    milestones = op.create_table(
        "milestones",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_milestones")),
    )
    accounts = sa.table(
        "accounts",
        sa.column("email_key", sa.String),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    # The account of `pionne-feedback demo` takes nobody's place.
    first = sa.select(sa.literal("first_account"), sa.func.min(accounts.c.created_at)).where(
        accounts.c.email_key != "demo@example.com"
    )
    op.execute(
        milestones.insert().from_select(["name", "reached_at"], first.having(sa.func.count() > 0))
    )
    # Who was let in by address alone, and has not come, comes with the invitation's token.
    op.execute("""
        DELETE FROM project_members WHERE EXISTS (
          SELECT 1 FROM invitations JOIN accounts ON accounts.email_key = invitations.email_key
          WHERE accounts.id = project_members.account_id
            AND invitations.project_id = project_members.project_id)
        """)
    _guard_audit()


def _guard_audit() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in (*_TRIGGERS, "audit_entries_are_new"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name in (*_TRIGGERS, "audit_entries_are_not_truncated"):
            op.execute(f"DROP TRIGGER {name} ON audit_entries")
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("milestones")
