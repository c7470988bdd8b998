"""Crashes and errors, and the issues they are grouped into."""

from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.field_limits import EXCEPTION_TYPE_MAX_CHARS, LABEL_MAX_CHARS
from app.domain.issue_status import IssueStatus
from app.extensions import Model
from app.models.columns import NEVER_REUSE_IDS, Digest, Moment, Reference, RowId
from app.models.duties import (
    DIGEST,
    OURS_TO_CHOOSE,
    Ages,
    Duties,
    HandledIn,
    NotChecked,
    OnErasure,
    PersonData,
    Searched,
    WhenAhead,
)

_PUT_RIGHT = HandledIn("app.services.instance.future_issues")
_OUTLIVES_EVENTS = NotChecked("counts events that are gone, too: they age before their issue does")


class Issue(Model):
    """One bug: all events of a project with one fingerprint."""

    __tablename__ = "issues"

    id: Mapped[RowId]
    project_id: Mapped[Reference] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    fingerprint: Mapped[Digest]
    exception_type: Mapped[str] = mapped_column(String(EXCEPTION_TYPE_MAX_CHARS))
    message: Mapped[str | None] = mapped_column(Text)
    level: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10))
    events_count: Mapped[Reference]
    first_seen_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    # When an event last came for a resolved issue; null for as long as none has.
    reopened_at: Mapped[Moment | None]
    # When somebody last resolved it, whatever became of it since.
    resolved_at: Mapped[Moment | None]
    # Kept by triggers, as its `issue_releases` come and go.
    releases_count: Mapped[Reference] = mapped_column(server_default=text("0"))

    __table_args__ = (
        UniqueConstraint("project_id", "fingerprint"),
        CheckConstraint(
            "status IN ({})".format(", ".join(f"'{status}'" for status in IssueStatus)),
            name="status",
        ),
        Index("ix_issues_last_seen", "project_id", "last_seen_at", "id"),
        # The same within a tab, and how many there are in each.
        Index("ix_issues_status", "project_id", "status", "last_seen_at", "id"),
        NEVER_REUSE_IDS,
    )

    # Many events made it, of others, too.
    duties = Duties(
        project_by="project_id",
        ages=(),
        texts={
            "fingerprint": DIGEST,
            "exception_type": Searched(is_scrubbed=True),
            "message": Searched(is_scrubbed=True),
            "level": OURS_TO_CHOOSE,
            "status": OURS_TO_CHOOSE,
        },
        times={
            "last_seen_at": _PUT_RIGHT,
            "first_seen_at": _PUT_RIGHT,
            "reopened_at": WhenAhead.NOW,
            "resolved_at": WhenAhead.NOW,
        },
        person=PersonData("issues", OnErasure.HIDE_NAME),
        checked_in=_OUTLIVES_EVENTS,
    )


class IssueFingerprint(Model):
    """By what an issue is known, too: fingerprints by other versions of the rules."""

    __tablename__ = "issue_fingerprints"

    project_id: Mapped[Reference] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    fingerprint: Mapped[Digest] = mapped_column(primary_key=True)
    issue_id: Mapped[Reference] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))

    __table_args__ = (
        Index("ix_issue_fingerprints_issue", "issue_id"),
        {"sqlite_with_rowid": False},
    )

    duties = Duties(project_by="project_id", ages=(), texts={"fingerprint": DIGEST}, person=None)


class IssueRelease(Model):
    """In which releases an issue was seen, and how often."""

    __tablename__ = "issue_releases"

    issue_id: Mapped[Reference] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    release: Mapped[str] = mapped_column(String(LABEL_MAX_CHARS), primary_key=True)
    project_id: Mapped[Reference] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    events_count: Mapped[Reference]
    # When the first event of the issue came in it.
    first_seen_at: Mapped[Moment]

    __table_args__ = (
        Index("ix_issue_releases_top", "project_id", "release", "events_count"),
        # The newest releases of an issue.
        Index("ix_issue_releases_newest", "issue_id", "first_seen_at", "release"),
        {"sqlite_with_rowid": False},
    )

    duties = Duties(
        project_by="project_id",
        ages=(),
        texts={"release": Searched()},
        times={"first_seen_at": WhenAhead.NOW},
        person=PersonData(
            "releases", HandledIn("app.services.people.release_renaming"), is_a_name=True
        ),
        checked_in=_OUTLIVES_EVENTS,
    )


class Event(Model):
    """One crash or error. `content` holds what is shown and never searched."""

    __tablename__ = "events"

    id: Mapped[RowId]
    project_id: Mapped[Reference] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    issue_id: Mapped[Reference] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    exception_type: Mapped[str] = mapped_column(String(EXCEPTION_TYPE_MAX_CHARS))
    message: Mapped[str | None] = mapped_column(Text)
    level: Mapped[str] = mapped_column(String(10))
    release: Mapped[str | None] = mapped_column(String(LABEL_MAX_CHARS))
    environment: Mapped[str] = mapped_column(String(LABEL_MAX_CHARS))
    platform: Mapped[str | None] = mapped_column(String(LABEL_MAX_CHARS))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[Moment]

    __table_args__ = (
        Index("ix_events_issue", "issue_id", "id"),
        # Counts a project's events of the last days without reading one.
        Index("ix_events_received", "project_id", "created_at"),
        NEVER_REUSE_IDS,
    )

    duties = Duties(
        project_by="project_id",
        ages=(Ages("events", by="created_at", setting="event_retention_days"),),
        texts={
            "exception_type": Searched(is_scrubbed=True),
            "message": Searched(is_scrubbed=True),
            "level": OURS_TO_CHOOSE,
            "release": Searched(shares="name"),
            "environment": Searched(shares="environment"),
            "platform": Searched(),
            "content": Searched(is_scrubbed=True),
        },
        times={"created_at": WhenAhead.AS_ROW_BEFORE},
        person=PersonData("events", OnErasure.DELETE),
    )


class EventDay(Model):
    """How many bytes of events' content a project was sent on one UTC day, and kept then.

    Counted as they come; deleting an issue takes nothing off.
    """

    __tablename__ = "event_days"

    project_id: Mapped[Reference] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    content_bytes: Mapped[Reference]

    __table_args__ = {"sqlite_with_rowid": False}

    duties = Duties(
        project_by="project_id",
        ages=(Ages("days of events", by="day", setting="event_retention_days"),),
        texts={},
        times={"day": WhenAhead.TO_DAY_BEFORE},
        checked_in=NotChecked("counts what came, and not what is kept of it"),
    )
