"""What users said."""

from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    literal_column,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.feedback_status import FeedbackStatus
from app.domain.field_limits import (
    APP_VERSION_MAX_CHARS,
    EMAIL_MAX_CHARS,
    LABEL_MAX_CHARS,
    NAME_MAX_CHARS,
    URL_MAX_CHARS,
)
from app.extensions import Model
from app.models.columns import NEVER_REUSE_IDS, Digest, Moment, Reference, RowId, Uuid
from app.models.duties import (
    DIGEST,
    DRAWN_BY_SDK,
    OURS_TO_CHOOSE,
    Ages,
    DiskKind,
    Duties,
    NotSearched,
    OnDisk,
    OnErasure,
    PersonData,
    Searched,
    WhenAhead,
)

# Written out, not bound: a database uses a partial index only where the query repeats its words.
IS_IN_INBOX = literal_column("status") != literal_column(f"'{FeedbackStatus.ARCHIVED}'")
# Written out as well.
AWAITS_EVENT = literal_column("sentry_event_ref").is_not(None) & literal_column("event_id").is_(
    None
)


class Feedback(Model):
    __tablename__ = "feedback"

    id: Mapped[RowId]
    project_id: Mapped[Reference] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    event_id: Mapped[Reference | None] = mapped_column(ForeignKey("events.id", ondelete="SET NULL"))
    issue_id: Mapped[Reference | None] = mapped_column(ForeignKey("issues.id", ondelete="SET NULL"))
    message: Mapped[str]
    name: Mapped[str | None] = mapped_column(String(NAME_MAX_CHARS))
    email: Mapped[str | None] = mapped_column(String(EMAIL_MAX_CHARS))
    url: Mapped[str | None] = mapped_column(String(URL_MAX_CHARS))
    app_version: Mapped[str | None] = mapped_column(String(APP_VERSION_MAX_CHARS))
    # Of the event it is tied to; stays when the event is purged.
    event_release: Mapped[str | None] = mapped_column(String(LABEL_MAX_CHARS))
    status: Mapped[str] = mapped_column(String(10))
    handled_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
    address_hash: Mapped[Digest | None]
    # Held by the first of equal submissions for as long as it suppresses the others; null after.
    duplicate_key: Mapped[Digest | None] = mapped_column(unique=True)
    # What the Sentry dialect tells beside it, and the event that it is about, by the id of its SDK:
    # it may come later, or never.
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sentry_event_ref: Mapped[Uuid | None]

    __table_args__ = (
        CheckConstraint(
            "status IN ({})".format(", ".join(f"'{status}'" for status in FeedbackStatus)),
            name="status",
        ),
        # The inbox, a tab, and everything: each list reads only the rows it shows.
        Index(
            "ix_feedback_inbox",
            "project_id",
            "id",
            sqlite_where=IS_IN_INBOX,
            postgresql_where=IS_IN_INBOX,
        ),
        # With the time, so that what came when is found without reading a message.
        Index("ix_feedback_status", "project_id", "status", "id", "created_at"),
        # Unique, as ids are, because the texts point to both columns.
        Index("ix_feedback_all", "project_id", "id", unique=True),
        # The feedback that came with a release.
        Index("ix_feedback_version", "project_id", "app_version", "id"),
        Index(
            "ix_feedback_event_release",
            "project_id",
            "event_release",
            "id",
            sqlite_where=literal_column("event_release").is_not(None),
            postgresql_where=literal_column("event_release").is_not(None),
        ),
        # For unlinking when an event or issue goes; standalone feedback does not pay for them.
        Index(
            "ix_feedback_event",
            "event_id",
            sqlite_where=literal_column("event_id").is_not(None),
            postgresql_where=literal_column("event_id").is_not(None),
        ),
        Index(
            "ix_feedback_issue",
            "issue_id",
            sqlite_where=literal_column("issue_id").is_not(None),
            postgresql_where=literal_column("issue_id").is_not(None),
        ),
        # For an event that comes after what was said about it; no other feedback pays for it.
        Index(
            "ix_feedback_sentry_event",
            "project_id",
            "sentry_event_ref",
            sqlite_where=AWAITS_EVENT,
            postgresql_where=AWAITS_EVENT,
        ),
        NEVER_REUSE_IDS,
    )

    duties = Duties(
        project_by="project_id",
        ages=(
            Ages("feedback", by="created_at", setting="feedback_retention_days"),
            Ages(
                "address hashes",
                by="created_at",
                setting="address_hash_retention_days",
                # The key of duplicates is made from the hash, so it goes with it.
                forgets=("address_hash", "duplicate_key"),
            ),
        ),
        texts={
            "message": Searched(is_scrubbed=True),
            "name": Searched(),
            "email": Searched(),
            "url": Searched(),
            "app_version": Searched(shares="name"),
            "event_release": Searched(shares="name"),
            "status": OURS_TO_CHOOSE,
            "address_hash": DIGEST,
            "duplicate_key": DIGEST,
            "details": Searched(is_scrubbed=True, as_typed=("contact", "user_key")),
            "sentry_event_ref": DRAWN_BY_SDK,
        },
        times={"created_at": WhenAhead.AS_ROW_BEFORE, "handled_at": WhenAhead.NOW},
        person=PersonData("feedback", OnErasure.DELETE),
        on_disk=OnDisk(
            DiskKind.FEEDBACK, sqlite=460, postgresql=600, texts={"message": 2, "details": 1}
        ),
    )


class FeedbackText(Model):
    """What is searched of one piece of feedback, see app.domain.search_text.

    Apart from the feedback and in the order of a project's ids: a search reads all of a project's,
    and nothing else. It goes with its feedback.
    """

    __tablename__ = "feedback_texts"

    project_id: Mapped[Reference] = mapped_column(primary_key=True, autoincrement=False)
    feedback_id: Mapped[Reference] = mapped_column(primary_key=True, autoincrement=False)
    folded: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "feedback_id"],
            ["feedback.project_id", "feedback.id"],
            ondelete="CASCADE",
        ),
        {"sqlite_with_rowid": False},
    )

    duties = Duties(
        project_by="project_id",
        ages=(),
        texts={"folded": NotSearched("what its feedback says, with which it goes")},
        on_disk=OnDisk(DiskKind.FEEDBACK, sqlite=20, postgresql=80),
    )
