"""api tokens

What a user token may do and until when. A downgrade deletes the API tokens: for the older schema
they would be logins, which may do everything and never end. It tells of them as values of
user_tokens.access, one for each.
"""

import sqlalchemy as sa
from alembic import op

revision = "c7f2a40b9d16"
down_revision = "a91c3e5d7f20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_tokens", sa.Column("access", sa.String(length=10), nullable=True))
    op.add_column("user_tokens", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    tokens = sa.table("user_tokens", sa.column("id"), sa.column("access"))
    of_api = sa.select(tokens.c.id).where(tokens.c.access.is_not(None))
    token_ids = op.get_bind().scalars(of_api).all()
    # The columns first: what they hold is counted then, and would not be once the rows are gone.
    op.drop_column("user_tokens", "access")
    op.drop_column("user_tokens", "expires_at")
    for token_id in token_ids:
        op.execute(sa.delete(tokens).where(tokens.c.id == token_id))
