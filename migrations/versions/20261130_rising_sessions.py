"""what the Sentry dialect tells of sessions"""

import sqlalchemy as sa
from alembic import op

revision = "b83f5a1d60ce"
down_revision = "e3a61b5d9c07"
branch_labels = None
depends_on = None

_BIG_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_NONE = sa.text("0")
_COUNTS = ("ok", "exited", "errored", "abnormal", "crashed", "unhandled")


def upgrade() -> None:
    for column in (
        sa.Column("errors", sa.Integer(), server_default=_NONE, nullable=False),
        sa.Column("unhandled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("abnormal_mechanism", sa.String(length=20), nullable=True),
        sa.Column("reported_at", _MOMENT, nullable=True),
    ):
        op.add_column("sessions", column)
    op.add_column(
        "release_days",
        sa.Column("unhandled", _BIG_INTEGER, server_default=_NONE, nullable=False),
    )
    op.create_table(
        "session_sums",
        sa.Column("release_id", _BIG_INTEGER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_key", sa.LargeBinary(length=16), nullable=False),
        *(sa.Column(name, _BIG_INTEGER, nullable=False) for name in _COUNTS),
        sa.Column("first_seen_at", _MOMENT, nullable=False),
        sa.Column("last_seen_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_session_sums_release_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "day", "user_key", name=op.f("pk_session_sums")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("session_sums")
    op.drop_column("release_days", "unhandled")
    for name in ("reported_at", "abnormal_mechanism", "unhandled", "errors"):
        op.drop_column("sessions", name)
