"""what a project judges its releases by"""

import sqlalchemy as sa
from alembic import op

revision = "9a4c2f61e70d"
down_revision = "4e8b71f0c2d6"
branch_labels = None
depends_on = None

_BIG_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_RATES = {"good_from": "0.99", "warning_from": "0.95"}


def upgrade() -> None:
    for unit in ("sessions", "users"):
        for name, usual in _RATES.items():
            op.add_column(
                "projects",
                sa.Column(
                    f"{unit}_{name}", sa.Double(), server_default=sa.text(usual), nullable=False
                ),
            )
        op.add_column(
            "projects",
            sa.Column(f"{unit}_minimum", _BIG_INTEGER, server_default=sa.text("0"), nullable=False),
        )


def downgrade() -> None:
    for unit in ("sessions", "users"):
        for name in (*_RATES, "minimum"):
            op.drop_column("projects", f"{unit}_{name}")
