"""lists of releases

Triggers keep what the lists are read by, so that no report of a session or an event pays for it.
They hang on their tables: a later migration that lets SQLite copy `release_days`, `releases` or
`issue_releases` (any `batch_alter_table` of them) drops them silently and must make them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "a6e21c94d03b"
down_revision = "b60e8d41c7a5"
branch_labels = None
depends_on = None

# Fired by the first session of a release's day alone: the others change a row that is there.
_SQLITE = (
    """
    CREATE TRIGGER release_days_are_listed AFTER INSERT ON release_days
    BEGIN
      UPDATE release_days SET
        project_id = (SELECT project_id FROM releases WHERE id = NEW.release_id),
        environment = (SELECT environment FROM releases WHERE id = NEW.release_id),
        is_newest = NOT EXISTS (
          SELECT 1 FROM release_days later
          WHERE later.release_id = NEW.release_id AND later.day > NEW.day
        )
      WHERE release_id = NEW.release_id AND day = NEW.day;
      UPDATE release_days SET is_newest = 0
      WHERE release_id = NEW.release_id AND day < NEW.day AND is_newest;
    END
    """,
    """
    CREATE TRIGGER release_days_lose_their_newest AFTER DELETE ON release_days WHEN OLD.is_newest
    BEGIN
      UPDATE release_days SET is_newest = 1
      WHERE release_id = OLD.release_id AND day = (
        SELECT max(day) FROM release_days WHERE release_id = OLD.release_id
      );
    END
    """,
    """
    CREATE TRIGGER release_days_follow_their_release AFTER UPDATE OF environment ON releases
    BEGIN
      UPDATE release_days SET environment = NEW.environment WHERE release_id = NEW.id;
    END
    """,
    """
    CREATE TRIGGER issue_releases_are_counted AFTER INSERT ON issue_releases
    BEGIN
      UPDATE issues SET releases_count = releases_count + 1 WHERE id = NEW.issue_id;
    END
    """,
    """
    CREATE TRIGGER issue_releases_are_counted_down AFTER DELETE ON issue_releases
    WHEN EXISTS (SELECT 1 FROM projects WHERE id = OLD.project_id AND deleted_at IS NULL)
    BEGIN
      UPDATE issues SET releases_count = releases_count - 1 WHERE id = OLD.issue_id;
    END
    """,
)
# A report that moves an earlier day holds that one, and waits for the new one: so an earlier day
# that somebody holds is left as it is, and the next day's first session clears it up.
_POSTGRESQL = (
    """
    CREATE FUNCTION release_days_are_listed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE release_days SET
        project_id = releases.project_id,
        environment = releases.environment,
        is_newest = NOT EXISTS (
          SELECT later.day FROM release_days later
          WHERE later.release_id = NEW.release_id AND later.day > NEW.day
        )
      FROM releases
      WHERE releases.id = NEW.release_id
        AND release_days.release_id = NEW.release_id AND release_days.day = NEW.day;
      UPDATE release_days SET is_newest = false
      WHERE release_id = NEW.release_id AND day IN (
        SELECT earlier.day FROM release_days earlier
        WHERE earlier.release_id = NEW.release_id AND earlier.day < NEW.day AND earlier.is_newest
        FOR NO KEY UPDATE SKIP LOCKED
      );
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER release_days_are_listed AFTER INSERT ON release_days
    FOR EACH ROW EXECUTE FUNCTION release_days_are_listed()
    """,
    """
    CREATE FUNCTION release_days_lose_their_newest() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE release_days SET is_newest = true
      WHERE release_id = OLD.release_id AND day = (
        SELECT max(day) FROM release_days WHERE release_id = OLD.release_id
      );
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER release_days_lose_their_newest AFTER DELETE ON release_days
    FOR EACH ROW WHEN (OLD.is_newest) EXECUTE FUNCTION release_days_lose_their_newest()
    """,
    """
    CREATE FUNCTION release_days_follow_their_release() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE release_days SET environment = NEW.environment WHERE release_id = NEW.id;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER release_days_follow_their_release AFTER UPDATE OF environment ON releases
    FOR EACH ROW EXECUTE FUNCTION release_days_follow_their_release()
    """,
    """
    CREATE FUNCTION issue_releases_are_counted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        UPDATE issues SET releases_count = releases_count + 1 WHERE id = NEW.issue_id;
      ELSIF EXISTS (SELECT 1 FROM projects WHERE id = OLD.project_id AND deleted_at IS NULL) THEN
        UPDATE issues SET releases_count = releases_count - 1 WHERE id = OLD.issue_id;
      END IF;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER issue_releases_are_counted AFTER INSERT OR DELETE ON issue_releases
    FOR EACH ROW EXECUTE FUNCTION issue_releases_are_counted()
    """,
)
_BIG_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OF_DAYS = ("project_id", "environment", "is_newest")


def upgrade() -> None:
    _know_names()
    op.create_index("ix_releases_name", "releases", ["project_id", "name", "environment"])
    op.create_index("ix_release_users_user", "release_users", ["user_key", "release_id"])
    _list_days()
    _count_releases()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)


def _know_names() -> None:
    """Names of events alone have rows from now on, as a name is new only once."""
    op.create_table(
        "new_names",
        sa.Column("project_id", _BIG_INTEGER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("releases", _BIG_INTEGER, nullable=False),
        sa.Column("environments", _BIG_INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_new_names_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "day", name=op.f("pk_new_names")),
        sqlite_with_rowid=False,
    )
    op.execute("""
        INSERT INTO releases (project_id, name, environment)
        SELECT project_id, release, '' FROM issue_releases WHERE true
        UNION SELECT project_id, coalesce(release, 'unknown'), '' FROM events
        UNION SELECT project_id, coalesce(release, 'unknown'), environment FROM events WHERE true
        ON CONFLICT DO NOTHING
        """)


def _list_days() -> None:
    op.add_column("release_days", sa.Column("project_id", _BIG_INTEGER, nullable=True))
    op.add_column("release_days", sa.Column("environment", sa.String(length=200), nullable=True))
    op.add_column("release_days", sa.Column("is_newest", sa.Boolean(), nullable=True))
    op.execute("""
        UPDATE release_days SET
            project_id = (SELECT project_id FROM releases WHERE id = release_id),
            environment = (SELECT environment FROM releases WHERE id = release_id),
            is_newest = NOT EXISTS (
                SELECT later.day FROM release_days later
                WHERE later.release_id = release_days.release_id AND later.day > release_days.day
            )
        """)
    op.create_index(
        "ix_release_days_newest",
        "release_days",
        ["project_id", "environment", "day", "last_seen_at", "release_id"],
        sqlite_where=sa.text("is_newest"),
        postgresql_where=sa.text("is_newest"),
    )


def _count_releases() -> None:
    """For a release that was seen before it was kept when, the first event that is left tells."""
    moment = sa.DateTime(timezone=True)
    op.add_column(
        "issues",
        sa.Column("releases_count", _BIG_INTEGER, server_default=sa.text("0"), nullable=False),
    )
    op.execute("""
        UPDATE issues SET releases_count = (
            SELECT count(*) FROM issue_releases WHERE issue_releases.issue_id = issues.id
        )
        """)
    op.add_column("issue_releases", sa.Column("first_seen_at", moment, nullable=True))
    op.execute("""
        UPDATE issue_releases SET first_seen_at = (
            SELECT first_seen_at FROM issues WHERE issues.id = issue_id
        )
        """)
    op.execute("""
        UPDATE issue_releases SET first_seen_at = told.first_seen_at
        FROM (
            SELECT issue_id, release, min(created_at) AS first_seen_at
            FROM events WHERE release IS NOT NULL GROUP BY issue_id, release
        ) told
        WHERE told.issue_id = issue_releases.issue_id AND told.release = issue_releases.release
        """)
    kept = {"sqlite_with_rowid": False}
    with op.batch_alter_table("issue_releases", table_kwargs=kept) as table:
        table.alter_column("first_seen_at", existing_type=moment, nullable=False)
    op.create_index(
        "ix_issue_releases_newest", "issue_releases", ["issue_id", "first_seen_at", "release"]
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(f"DROP TRIGGER {statement.split()[2]}")
    else:
        for statement in _POSTGRESQL:
            if "CREATE FUNCTION" in statement:
                op.execute(f"DROP FUNCTION {statement.split()[2]} CASCADE")
    op.drop_index("ix_issue_releases_newest", "issue_releases")
    op.drop_index("ix_release_days_newest", "release_days")
    op.drop_index("ix_release_users_user", "release_users")
    op.drop_index("ix_releases_name", "releases")
    op.drop_column("issue_releases", "first_seen_at")
    op.drop_column("issues", "releases_count")
    op.drop_table("new_names")
    for name in _OF_DAYS:
        op.drop_column("release_days", name)
