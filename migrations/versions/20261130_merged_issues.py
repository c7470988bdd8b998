"""issues that are merged into others, and why events are of an issue

Going back takes all merges apart: each issue has its own figures again.
"""

import sqlalchemy as sa
from alembic import op

revision = "7c15e0a9d3b4"
down_revision = "c5d07e92b41a"
branch_labels = None
depends_on = None

_REFERENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_COLUMNS = (
    ("merged_into_id", _REFERENCE),
    ("shown_in_id", _REFERENCE),
    ("merged_at", _MOMENT),
    ("own_events_count", _REFERENCE),
    ("own_first_seen_at", _MOMENT),
    ("own_last_seen_at", _MOMENT),
    ("grounds", sa.JSON()),
)
# SQLite counts in an index alone only where it holds the column of its own condition, too.
_LISTS = (
    ("ix_issues_last_seen", ["project_id", "last_seen_at", "id"], []),
    ("ix_issues_status", ["project_id", "status", "last_seen_at", "id"], ["merged_into_id"]),
)


def upgrade() -> None:
    for name, type_ in _COLUMNS:
        op.add_column("issues", sa.Column(name, type_, nullable=True))
    stands_alone, is_merged = sa.text("merged_into_id IS NULL"), sa.text("shown_in_id IS NOT NULL")
    for name, columns, more in _LISTS:
        op.drop_index(name, "issues")
        where = {"sqlite_where": stands_alone, "postgresql_where": stands_alone}
        op.create_index(name, "issues", columns + more, **where)
    where = {"sqlite_where": is_merged, "postgresql_where": is_merged}
    op.create_index("ix_issues_shown_in", "issues", ["shown_in_id"], **where)


def downgrade() -> None:
    op.execute(
        "UPDATE issues SET events_count = own_events_count, first_seen_at = own_first_seen_at,"
        " last_seen_at = own_last_seen_at WHERE own_events_count IS NOT NULL"
    )
    op.drop_index("ix_issues_shown_in", "issues")
    for name, columns, _ in _LISTS:
        op.drop_index(name, "issues")
        op.create_index(name, "issues", columns)
    for name, _ in reversed(_COLUMNS):
        op.drop_column("issues", name)
