"""App sessions, and the figures kept beside them so that no report has to read them.

A release is kept once for each environment it ran in, and once for all of them together
(`environment` empty): a user of two environments is one user of the release. `ReleaseDay` and
`ReleaseUser` hang on both, so each scope's figures are read alone.
"""

from datetime import date

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.field_limits import LABEL_MAX_CHARS
from app.extensions import Model
from app.models.columns import NEVER_REUSE_IDS, Moment, Reference, RowId
from app.models.duties import (
    OURS_TO_CHOOSE,
    Ages,
    DiskKind,
    Duties,
    HandledIn,
    NotChecked,
    NotSearched,
    OnDisk,
    OnErasure,
    PersonData,
    Searched,
    WhenAhead,
)

ALL_ENVIRONMENTS = ""
# The user of sums that name none.
NOBODY = b""
# Under this name the retention horizon of the raw sessions is kept.
SESSIONS_HORIZON = "sessions"
# Written out, not bound or compared: a database uses a partial index only where the query repeats
# its words.
IS_NEWEST_DAY: ColumnElement[bool] = literal_column("release_days.is_newest")
IS_CRASHED: ColumnElement[bool] = literal_column("sessions.status = 'crashed'")
IS_IN_SLICES: ColumnElement[bool] = literal_column("sessions.status <> ''")
_PUT_RIGHT = HandledIn("app.services.instance.future_sessions")


class Release(Model):
    """A release in one environment, or in all."""

    __tablename__ = "releases"

    id: Mapped[RowId]
    project_id: Mapped[Reference] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(LABEL_MAX_CHARS))
    environment: Mapped[str] = mapped_column(String(LABEL_MAX_CHARS))

    __table_args__ = (
        UniqueConstraint("project_id", "environment", "name"),
        # One release in all its environments.
        Index("ix_releases_name", "project_id", "name", "environment"),
        NEVER_REUSE_IDS,
    )

    duties = Duties(
        project_by="project_id",
        ages=(),
        texts={"name": Searched(), "environment": Searched()},
        person=PersonData(
            "releases", HandledIn("app.services.people.release_renaming"), is_a_name=True
        ),
        on_disk=OnDisk(DiskKind.SESSIONS, sqlite=290, postgresql=400),
    )


class NewNames(Model):
    """How many names of releases and environments, and issues, were new in a project on a day."""

    __tablename__ = "new_names"

    project_id: Mapped[Reference] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    releases: Mapped[Reference]
    environments: Mapped[Reference]
    issues: Mapped[Reference] = mapped_column(server_default=text("0"))

    __table_args__ = {"sqlite_with_rowid": False}

    duties = Duties(
        project_by="project_id",
        ages=(Ages("days of new names", by="day", setting="session_retention_days"),),
        texts={},
        times={"day": WhenAhead.ROW_GOES},
        checked_in=NotChecked("a name does not say on which day it was new"),
        on_disk=OnDisk(DiskKind.SESSIONS, sqlite=40, postgresql=120),
    )


class Session(Model):
    """One run of an app; `day` is the UTC day of its first POST, by which it is counted."""

    __tablename__ = "sessions"

    id: Mapped[RowId]
    project_id: Mapped[Reference] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    session_id: Mapped[bytes] = mapped_column(LargeBinary(16))
    release_id: Mapped[Reference] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"))
    day: Mapped[date]
    status: Mapped[str] = mapped_column(String(10))
    # A digest: enough to count people, and no identifier lies around.
    user_key: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    app_version: Mapped[str | None] = mapped_column(String(LABEL_MAX_CHARS))
    os_name: Mapped[str | None] = mapped_column(String(LABEL_MAX_CHARS))
    app_id: Mapped[str | None] = mapped_column(String(LABEL_MAX_CHARS))
    duration_ms: Mapped[Reference | None]
    # When it began, as far as that is told; else when its first report came.
    started_at: Mapped[Moment]
    # Only a session that is ok, or had errors and goes on, has none.
    ended_at: Mapped[Moment | None]
    # Of reports of the Sentry dialect alone; Pionne's name none of these.
    errors: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    unhandled: Mapped[bool] = mapped_column(server_default=false())
    abnormal_mechanism: Mapped[str | None] = mapped_column(String(20))
    # When its first report came, where `started_at` is not that.
    reported_at: Mapped[Moment | None]

    __table_args__ = (
        UniqueConstraint("project_id", "session_id"),
        # For the durations of one release, and for the sessions of one of its users. The day comes
        # first, so that only the newest part of the index is written to.
        Index("ix_sessions_release_day_user", "release_id", "day", "user_key"),
        # For the newest sessions of one user, of whatever release.
        Index(
            "ix_sessions_user",
            "project_id",
            "user_key",
            "started_at",
            "id",
            sqlite_where=literal_column("user_key IS NOT NULL"),
            postgresql_where=literal_column("user_key IS NOT NULL"),
        ),
        # The crashed ones by user, for the release gate: what does not crash is not written to it.
        Index(
            "ix_sessions_crashed",
            "release_id",
            "day",
            "user_key",
            sqlite_where=literal_column("status = 'crashed'"),
            postgresql_where=literal_column("status = 'crashed'"),
        ),
        # The crashed ones by when they were marked so, to tie them to events.
        Index(
            "ix_sessions_crashed_at",
            "release_id",
            "ended_at",
            sqlite_where=literal_column("status = 'crashed'"),
            postgresql_where=literal_column("status = 'crashed'"),
        ),
        # A release by operating system, or by version, read from the index alone: entries of one
        # value and status stand together, with their users in order. The day comes first, so that
        # only the newest part is written to, and a query must name each day. All rows are in it;
        # the condition keeps it from every query that does not repeat it, or SQLite would take it
        # for any that has a release and a day.
        *(
            Index(
                f"ix_sessions_by_{by}",
                "release_id",
                "day",
                by,
                "status",
                "user_key",
                sqlite_where=literal_column("status <> ''"),
                postgresql_where=literal_column("status <> ''"),
            )
            for by in ("os_name", "app_version")
        ),
        NEVER_REUSE_IDS,
    )

    # Those whose user the person is stay, too, and lead to nobody any more.
    duties = Duties(
        project_by="project_id",
        ages=(
            Ages("sessions", by="day", setting="session_retention_days", horizon=SESSIONS_HORIZON),
        ),
        texts={
            "session_id": OURS_TO_CHOOSE,
            "status": OURS_TO_CHOOSE,
            "abnormal_mechanism": OURS_TO_CHOOSE,
            "user_key": HandledIn("app.services.people.session_unlinking"),
            "app_version": Searched(),
            "os_name": Searched(),
            "app_id": Searched(),
        },
        times={
            "started_at": _PUT_RIGHT,
            "day": _PUT_RIGHT,
            "ended_at": WhenAhead.NOW,
            "reported_at": _PUT_RIGHT,
        },
        person=PersonData("sessions", OnErasure.HIDE_NAME, is_a_name=True),
        checked_in=HandledIn("app.services.releases.crash_check"),
        # Two of them are in an index of slices, too, which is fuller of longer ones.
        on_disk=OnDisk(
            DiskKind.SESSIONS,
            sqlite=270,
            postgresql=500,
            texts={"app_version": 2, "os_name": 2, "app_id": 1},
        ),
    )


class ReleaseDay(Model):
    """What is counted of one release, one scope and one day.

    A trigger fills in project, environment and `is_newest` when a day gets its first session: so a
    list finds the releases seen last in an index, and no report of a session pays for it
    (docs/decisions/0112-lists-of-releases.md).
    """

    __tablename__ = "release_days"

    release_id: Mapped[Reference] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    # Sessions that began this day, by the status they have now.
    ok: Mapped[Reference]
    exited: Mapped[Reference]
    errored: Mapped[Reference]
    abnormal: Mapped[Reference]
    crashed: Mapped[Reference]
    # Users with a session this day.
    users_active: Mapped[Reference]
    # Users whose newest session began this day: summed over the days of any window that reaches
    # to today, they are the distinct users of the window. The same of crashed sessions.
    users_newest: Mapped[Reference]
    users_newest_crashed: Mapped[Reference]
    # Of these sessions, those with an error that nothing handled: told in the Sentry dialect alone,
    # so what counts Pionne's sessions does not name it.
    unhandled: Mapped[Reference] = mapped_column(server_default=text("0"))
    first_seen_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    # Those of its release.
    project_id: Mapped[Reference | None]
    environment: Mapped[str | None] = mapped_column(String(LABEL_MAX_CHARS))
    # Whether no later day of the release is kept.
    is_newest: Mapped[bool | None]

    __table_args__ = (
        # The releases of a scope, by when they were seen last.
        Index(
            "ix_release_days_newest",
            "project_id",
            "environment",
            "day",
            "last_seen_at",
            "release_id",
            sqlite_where=literal_column("is_newest"),
            postgresql_where=literal_column("is_newest"),
        ),
        {"sqlite_with_rowid": False},
    )

    duties = Duties(
        project_by="release_id",
        ages=(
            Ages(
                "days of releases",
                by="day",
                setting="session_retention_days",
                horizon=SESSIONS_HORIZON,
            ),
        ),
        texts={"environment": NotSearched("what its release has, whose changes a trigger repeats")},
        times={
            "day": _PUT_RIGHT,
            "first_seen_at": _PUT_RIGHT,
            "last_seen_at": _PUT_RIGHT,
        },
        checked_in=HandledIn("app.services.sessions.ledger"),
        on_disk=OnDisk(DiskKind.SESSIONS, sqlite=200, postgresql=400),
    )


class SessionSum(Model):
    """Sessions that came as sums, of one user or of nobody (`user_key` empty), by day of arrival.

    They have no rows in `sessions`. What is kept of a release is counted from both, so these are as
    raw as a session: they stay until it would go, and no report of a release reads them
    (docs/decisions/0176-sums-are-kept-as-they-came.md).
    """

    __tablename__ = "session_sums"

    # In the sessions' environment, never that of all.
    release_id: Mapped[Reference] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    user_key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    ok: Mapped[Reference]
    exited: Mapped[Reference]
    errored: Mapped[Reference]
    abnormal: Mapped[Reference]
    crashed: Mapped[Reference]
    unhandled: Mapped[Reference]  # of those that are errored
    first_seen_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]

    __table_args__ = {"sqlite_with_rowid": False}

    duties = Duties(
        project_by="release_id",
        ages=(
            Ages(
                "sums of sessions",
                by="day",
                setting="session_retention_days",
                horizon=SESSIONS_HORIZON,
            ),
        ),
        texts={"user_key": HandledIn("app.services.people.session_unlinking")},
        times={
            "day": _PUT_RIGHT,
            "first_seen_at": _PUT_RIGHT,
            "last_seen_at": _PUT_RIGHT,
        },
        checked_in=HandledIn("app.services.sessions.ledger"),
        on_disk=OnDisk(DiskKind.SESSIONS, sqlite=110, postgresql=240),
    )


class ReleaseUser(Model):
    """The newest day on which a user had a session of a release, and a crashed one."""

    __tablename__ = "release_users"

    release_id: Mapped[Reference] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    user_key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    newest_day: Mapped[date]
    newest_crashed_day: Mapped[date | None]

    __table_args__ = (
        # The releases of one user, however many others there are.
        Index("ix_release_users_user", "user_key", "release_id"),
        {"sqlite_with_rowid": False},
    )

    duties = Duties(
        project_by="release_id",
        ages=(
            Ages(
                "users of releases",
                by="newest_day",
                setting="session_retention_days",
                horizon=SESSIONS_HORIZON,
            ),
        ),
        texts={"user_key": HandledIn("app.services.people.session_unlinking")},
        times={
            "newest_day": _PUT_RIGHT,
            "newest_crashed_day": _PUT_RIGHT,
        },
        checked_in=HandledIn("app.services.sessions.ledger"),
        on_disk=OnDisk(DiskKind.SESSIONS, sqlite=70, postgresql=200),
    )


class RetentionHorizon(Model):
    """From which day on the raw sessions are complete; no row while none were purged."""

    __tablename__ = "retention_horizons"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[date]

    duties = Duties(
        project_by=None,
        ages=(),
        texts={"name": OURS_TO_CHOOSE},
        times={"day": WhenAhead.NOW},
    )
