"""People who read feedback, and the tokens their clients hold."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.field_limits import EMAIL_MAX_CHARS, NAME_MAX_CHARS
from app.extensions import Model
from app.models.columns import NEVER_REUSE_IDS, Digest, Moment, Reference, RowId


class Account(Model):
    __tablename__ = "accounts"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[RowId]
    email: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS))
    # The address in lower case: one account per address, however it is typed.
    email_key: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS), unique=True)
    name: Mapped[str | None] = mapped_column(String(NAME_MAX_CHARS))
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[Moment]


class UserToken(Model):
    __tablename__ = "user_tokens"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[RowId]
    account_id: Mapped[Reference] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(40))
    digest: Mapped[Digest]
    created_at: Mapped[Moment]
