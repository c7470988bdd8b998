"""Crashes and errors, and the issues they are grouped into."""

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Model
from app.models.columns import NEVER_REUSE_IDS, Digest, Moment, Reference, RowId


class Issue(Model):
    __tablename__ = "issues"
    __table_args__ = (UniqueConstraint("project_id", "fingerprint"), NEVER_REUSE_IDS)

    id: Mapped[RowId]
    project_id: Mapped[Reference] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    fingerprint: Mapped[Digest]
    exception_type: Mapped[str] = mapped_column(String(255))
    message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Moment]


class Event(Model):
    __tablename__ = "events"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[RowId]
    project_id: Mapped[Reference] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), index=True
    )
    issue_id: Mapped[Reference] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), index=True
    )
    message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Moment]
