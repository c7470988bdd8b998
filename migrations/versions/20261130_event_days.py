"""event days

The bytes of events' content that are kept, by project and UTC day.
"""

import sqlalchemy as sa
from alembic import op

revision = "d93f1b6a28e0"
down_revision = "a6e21c94d03b"
branch_labels = None
depends_on = None

_REFERENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event_days",
        sa.Column("project_id", _REFERENCE, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("content_bytes", _REFERENCE, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_event_days_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "day", name=op.f("pk_event_days")),
        sqlite_with_rowid=False,
    )
    # What is there counts, too: each event is read once.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    day = "date(created_at)" if is_sqlite else "(created_at AT TIME ZONE 'UTC')::date"
    content = "CAST(content AS BLOB)" if is_sqlite else "content::text"
    message = "CAST(message AS BLOB)" if is_sqlite else "message"
    length = "length" if is_sqlite else "octet_length"
    op.execute(f"""
        INSERT INTO event_days (project_id, day, content_bytes)
        SELECT project_id, {day}, sum({length}({content}) + coalesce({length}({message}), 0))
        FROM events GROUP BY project_id, {day}
        """)


def downgrade() -> None:
    op.drop_table("event_days")
