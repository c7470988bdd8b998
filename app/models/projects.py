"""The apps whose users are heard."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.field_limits import LABEL_MAX_CHARS, PLATFORM_MAX_CHARS, PROJECT_NAME_MAX_CHARS
from app.extensions import Model
from app.models.columns import NEVER_REUSE_IDS, Digest, Moment, Reference, RowId


class Project(Model):
    __tablename__ = "projects"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[RowId]
    owner_id: Mapped[Reference] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(PROJECT_NAME_MAX_CHARS))
    platform: Mapped[str | None] = mapped_column(String(PLATFORM_MAX_CHARS))
    # Pinned by the first event that names one; then events of other apps are refused.
    bundle_id: Mapped[str | None] = mapped_column(String(LABEL_MAX_CHARS))
    token_digest: Mapped[Digest] = mapped_column(unique=True)
    token_preview: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[Moment]
