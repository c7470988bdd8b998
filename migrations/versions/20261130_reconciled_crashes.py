"""crashed sessions and fatal events by when they crashed

Native crashes that are stored already tell their time in their content.
"""

import sqlalchemy as sa
from alembic import op

revision = "e3a61b5d9c07"
down_revision = "9a4c2f61e70d"
branch_labels = None
depends_on = None

_PARTIAL = (
    ("ix_sessions_crashed_at", "sessions", ["release_id", "ended_at"], "status = 'crashed'"),
    (
        "ix_events_fatal",
        "events",
        ["project_id", "release", "created_at"],
        "level = 'fatal' AND crashed_at IS NULL",
    ),
    (
        "ix_events_crashed",
        "events",
        ["project_id", "release", "crashed_at"],
        "crashed_at IS NOT NULL",
    ),
)
# A time that had not come yet when it was told is none, so it is that of its arrival.
_TIMES_TOLD = {
    "sqlite": """
        UPDATE events SET crashed_at = min(created_at, coalesce(
            replace(
                substr(json_extract(content, '$.native_crash.crashed_at'), 1, 19), 'T', ' '
            ) || '.000000',
            created_at
        ))
        WHERE json_type(content, '$.native_crash') = 'object'
    """,
    "postgresql": """
        UPDATE events SET crashed_at = least(created_at, coalesce(
            CAST(content #>> '{native_crash,crashed_at}' AS timestamptz), created_at
        ))
        WHERE json_typeof(content -> 'native_crash') = 'object'
    """,
}


def upgrade() -> None:
    op.add_column("events", sa.Column("crashed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_TIMES_TOLD[op.get_bind().dialect.name])
    for name, table, columns, condition in _PARTIAL:
        where = sa.text(condition)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, *_ in _PARTIAL:
        op.drop_index(name, table)
    op.drop_column("events", "crashed_at")
