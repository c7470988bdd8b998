"""Crashes and errors, and the issues they are grouped into."""

from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    ScalarSelect,
    Select,
    String,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from app.domain.field_limits import EXCEPTION_TYPE_MAX_CHARS, LABEL_MAX_CHARS
from app.domain.issue_status import IssueStatus
from app.extensions import Model
from app.models.columns import NEVER_REUSE_IDS, Digest, Moment, Reference, RowId, Uuid
from app.models.duties import (
    DIGEST,
    DRAWN_BY_SDK,
    OURS_TO_CHOOSE,
    Ages,
    DiskKind,
    Duties,
    HandledIn,
    NotChecked,
    OnDisk,
    OnErasure,
    PersonData,
    Searched,
    WhenAhead,
)

_PUT_RIGHT = HandledIn("app.services.instance.future_issues")
_OUTLIVES_EVENTS = NotChecked("counts events that are gone, too: they age before their issue does")
# Written out, not bound: a database uses a partial index only where the query repeats its words.
STANDS_ALONE = literal_column("issues.merged_into_id").is_(None)
_STANDS_ALONE = literal_column("merged_into_id").is_(None)
# What crashed as it came, and what was told at the next launch: a fatal event is one of both.
IS_FATAL_NOW = literal_column("events.level = 'fatal'") & literal_column("events.crashed_at").is_(
    None
)
WAS_FATAL = literal_column("events.crashed_at").is_not(None)
_FATAL_NOW: ColumnElement[bool] = literal_column("level = 'fatal' AND crashed_at IS NULL")
_WAS_FATAL: ColumnElement[bool] = literal_column("crashed_at IS NOT NULL")
_IS_MERGED = literal_column("shown_in_id").is_not(None)


class Issue(Model):
    """One bug: all events of a project with one fingerprint.

    People may merge issues. Each stays a row with its own events, feedback and releases, which so
    come along when it is taken out again; what is merged into it counts in its figures, too.
    """

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
    # Kept by triggers, as its `issue_releases` come and go: of its own events alone.
    releases_count: Mapped[Reference] = mapped_column(server_default=text("0"))
    # The issue that it was merged into, and the one that shows it: that into which this one was
    # merged itself, and so on. No foreign keys: `app.services.issues.merges` alone sets them, an
    # issue goes with all that is merged into it, and a move copies rows by their ids.
    merged_into_id: Mapped[Reference | None]
    shown_in_id: Mapped[Reference | None]
    merged_at: Mapped[Moment | None]
    # Of its own events alone; null where nothing is merged into it, as they would be the same.
    own_events_count: Mapped[Reference | None]
    own_first_seen_at: Mapped[Moment | None]
    own_last_seen_at: Mapped[Moment | None]
    # What counted of its events, for each fingerprint (`app.domain.grouping.grounds`); null until
    # one of its own fingerprint came since this is kept.
    grounds: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        UniqueConstraint("project_id", "fingerprint"),
        CheckConstraint(
            "status IN ({})".format(", ".join(f"'{status}'" for status in IssueStatus)),
            name="status",
        ),
        Index(
            "ix_issues_last_seen",
            "project_id",
            "last_seen_at",
            "id",
            sqlite_where=_STANDS_ALONE,
            postgresql_where=_STANDS_ALONE,
        ),
        # The same within a tab, and how many there are in each: SQLite counts in an index alone
        # only where it holds the column of its own condition, too.
        Index(
            "ix_issues_status",
            "project_id",
            "status",
            "last_seen_at",
            "id",
            "merged_into_id",
            sqlite_where=_STANDS_ALONE,
            postgresql_where=_STANDS_ALONE,
        ),
        # What an issue shows beside its own; the others do not pay for it.
        Index(
            "ix_issues_shown_in",
            "shown_in_id",
            sqlite_where=_IS_MERGED,
            postgresql_where=_IS_MERGED,
        ),
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
            "grounds": Searched(is_scrubbed=True),
        },
        times={
            "last_seen_at": _PUT_RIGHT,
            "first_seen_at": _PUT_RIGHT,
            "own_last_seen_at": _PUT_RIGHT,
            "own_first_seen_at": _PUT_RIGHT,
            "merged_at": WhenAhead.NOW,
            "reopened_at": WhenAhead.NOW,
            "resolved_at": WhenAhead.NOW,
        },
        person=PersonData("issues", OnErasure.HIDE_NAME),
        checked_in=HandledIn("app.services.issues.merged_sums"),
        on_disk=OnDisk(
            DiskKind.ISSUES, sqlite=500, postgresql=700, texts={"message": 1, "grounds": 1}
        ),
    )


def shown_in(issue_id: Any) -> ScalarSelect[Any]:
    """The id of the issue that shows this one, mostly the same; for a column with an issue's id."""
    issue = aliased(Issue)
    shown = func.coalesce(issue.shown_in_id, issue.id)
    return select(shown).where(issue.id == issue_id).scalar_subquery()


def shown_with(issue_id: Any) -> Select[int]:
    """The ids of an issue that stands alone and of those that are merged into it.

    `issue_id` may be `Issue.id` of a statement around it, however many levels up.
    """
    issue = aliased(Issue)
    its = or_(issue.id == issue_id, issue.shown_in_id == issue_id)
    return select(issue.id).where(its).correlate(Issue)


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

    duties = Duties(
        project_by="project_id",
        ages=(),
        texts={"fingerprint": DIGEST},
        person=None,
        on_disk=OnDisk(DiskKind.ISSUES, sqlite=130, postgresql=200),
    )


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
        on_disk=OnDisk(DiskKind.ISSUES, sqlite=170, postgresql=250),
    )


class Event(Model):
    """One crash or error. `content` holds what is shown and never searched.

    `crashed_at` is set for a native crash: when the run before crashed, as far as the phone tells.
    `issue_id` is the issue of its fingerprint, which may be shown in another one.
    """

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
    crashed_at: Mapped[Moment | None]
    # By which an SDK of the Sentry dialect knows it; found by it in `sentry_ids`.
    sentry_id: Mapped[Uuid | None]

    __table_args__ = (
        Index("ix_events_issue", "issue_id", "id"),
        # Counts a project's events of the last days without reading one.
        Index("ix_events_received", "project_id", "created_at"),
        # The fatal ones of a release by when they crashed; no other event is written to them.
        Index(
            "ix_events_fatal",
            "project_id",
            "release",
            "created_at",
            sqlite_where=_FATAL_NOW,
            postgresql_where=_FATAL_NOW,
        ),
        Index(
            "ix_events_crashed",
            "project_id",
            "release",
            "crashed_at",
            sqlite_where=_WAS_FATAL,
            postgresql_where=_WAS_FATAL,
        ),
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
            "sentry_id": DRAWN_BY_SDK,
        },
        times={"created_at": WhenAhead.AS_ROW_BEFORE, "crashed_at": WhenAhead.NOW},
        person=PersonData("events", OnErasure.DELETE),
        checked_in=HandledIn("app.services.releases.crash_check"),
        on_disk=OnDisk(
            DiskKind.EVENTS, sqlite=600, postgresql=500, texts={"content": 1, "message": 1}
        ),
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
        on_disk=OnDisk(DiskKind.EVENTS, sqlite=40, postgresql=120),
    )
