"""The apps whose users are heard, the members who read them, and what those members did."""

from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.field_limits import (
    EMAIL_MAX_CHARS,
    LABEL_MAX_CHARS,
    PLATFORM_MAX_CHARS,
    PROJECT_NAME_MAX_CHARS,
    SENTRY_KEY_CHARS,
    TOKEN_LABEL_MAX_CHARS,
)
from app.domain.lifetimes import INVITATION_LIFETIME
from app.extensions import Model
from app.models.columns import NEVER_REUSE_IDS, Digest, Moment, Reference, RowId
from app.models.duties import (
    DIGEST,
    OURS_TO_CHOOSE,
    Duties,
    Expires,
    HandledIn,
    NotChecked,
    NotSearched,
    OnErasure,
    PersonData,
    Searched,
    StaysAhead,
    WhenAhead,
)


class Project(Model):
    """Every query that finds projects asks for `IS_ALIVE` (below): a deleted one is still a row."""

    __tablename__ = "projects"

    id: Mapped[RowId]
    # Null once it is deleted: when its owner's account goes, nothing must cascade to its rows.
    owner_id: Mapped[Reference | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(PROJECT_NAME_MAX_CHARS))
    platform: Mapped[str | None] = mapped_column(String(PLATFORM_MAX_CHARS))
    # Pinned by the first event that names one; then events of other apps, and of none, are refused.
    bundle_id: Mapped[str | None] = mapped_column(String(LABEL_MAX_CHARS))
    # False: no event pins its app, and none is refused for it.
    bundle_pinning: Mapped[bool] = mapped_column(server_default=true())
    # What its releases are judged by; of each, the rates that are good and fair, and the fewest.
    sessions_good_from: Mapped[float] = mapped_column(server_default=text("0.99"))
    sessions_warning_from: Mapped[float] = mapped_column(server_default=text("0.95"))
    sessions_minimum: Mapped[Reference] = mapped_column(server_default=text("0"))
    users_good_from: Mapped[float] = mapped_column(server_default=text("0.99"))
    users_warning_from: Mapped[float] = mapped_column(server_default=text("0.95"))
    users_minimum: Mapped[Reference] = mapped_column(server_default=text("0"))
    created_at: Mapped[Moment]
    # What SDKs of the Sentry dialect have in their DSN: no secret, web pages show it. Null once it
    # is deleted.
    sentry_key: Mapped[str | None] = mapped_column(
        String(SENTRY_KEY_CHARS), index=True, unique=True
    )
    # Set when it is deleted: from then on nobody finds it, and its rows go in batches.
    deleted_at: Mapped[Moment | None]

    __table_args__ = (
        CheckConstraint("owner_id IS NOT NULL OR deleted_at IS NOT NULL", name="owner"),
        NEVER_REUSE_IDS,
    )

    duties = Duties(
        project_by="id",
        ages=(),
        texts={
            "name": Searched(),
            "platform": Searched(),
            "bundle_id": Searched(),
            "sentry_key": OURS_TO_CHOOSE,
        },
        times={"created_at": WhenAhead.NOW, "deleted_at": WhenAhead.NOW},
        person=PersonData(
            "project_names", HandledIn("app.services.people.erasure"), is_a_name=True
        ),
        checked_in=NotChecked("the fewest that its owner asks for are no count"),
    )


IS_ALIVE: ColumnElement[bool] = Project.deleted_at.is_(None)


class ProjectToken(Model):
    """What apps send; a project that is not deleted has at least one."""

    __tablename__ = "project_tokens"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[RowId]
    project_id: Mapped[Reference] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), index=True
    )
    label: Mapped[str] = mapped_column(String(TOKEN_LABEL_MAX_CHARS))
    digest: Mapped[Digest] = mapped_column(unique=True)
    preview: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[Moment]
    # The beginning of the hour of its last use.
    last_used_at: Mapped[Moment | None]

    duties = Duties(
        project_by="project_id",
        ages=(),
        texts={
            "label": NotSearched("no address can be written in the signs that it may have"),
            "digest": DIGEST,
            "preview": OURS_TO_CHOOSE,
        },
        times={"created_at": WhenAhead.NOW, "last_used_at": WhenAhead.NOW},
    )


class ProjectMember(Model):
    """Who else than the owner may see a project, and whether they may triage."""

    __tablename__ = "project_members"

    project_id: Mapped[Reference] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[Reference] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[Moment]

    __table_args__ = (
        CheckConstraint("role IN ('member', 'viewer')", name="role"),
        {"sqlite_with_rowid": False},
    )

    # Found by the account's address.
    duties = Duties(
        project_by="project_id",
        ages=(),
        texts={"role": OURS_TO_CHOOSE},
        times={"created_at": WhenAhead.NOW},
        person=PersonData("memberships", HandledIn("app.services.people.erasure")),
    )


class Invitation(Model):
    """An address that is to become a member once it has an account; `digest` is of its token."""

    __tablename__ = "invitations"

    id: Mapped[RowId]
    project_id: Mapped[Reference] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS))
    email_key: Mapped[str] = mapped_column(String(EMAIL_MAX_CHARS))
    role: Mapped[str] = mapped_column(String(10))
    digest: Mapped[Digest] = mapped_column(unique=True)
    created_at: Mapped[Moment]

    __table_args__ = (
        UniqueConstraint("project_id", "email_key"),
        CheckConstraint("role IN ('member', 'viewer')", name="role"),
        NEVER_REUSE_IDS,
    )

    duties = Duties(
        project_by="project_id",
        ages=(Expires("expired invitations", by="created_at", after=INVITATION_LIFETIME),),
        texts={
            "email": HandledIn("app.services.people.search"),
            "email_key": HandledIn("app.services.people.search"),
            "role": OURS_TO_CHOOSE,
            "digest": DIGEST,
        },
        times={"created_at": WhenAhead.NOW},
        person=PersonData("invitations", OnErasure.DELETE),
    )


class AuditEntry(Model):
    """Who did what in a project, and when; never changed. Holds no message text and no token."""

    __tablename__ = "audit_entries"

    id: Mapped[RowId]
    project_id: Mapped[Reference] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    # The actor's address as it was then, so that it is readable when the account is gone; null for
    # whoever has the instance's shell.
    actor: Mapped[str | None] = mapped_column(String(EMAIL_MAX_CHARS))
    action: Mapped[str] = mapped_column(String(40))
    target_id: Mapped[Reference | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[Moment]

    __table_args__ = (
        Index("ix_audit_entries_newest", "project_id", "id"),
        # What was done to one thing; others may share its id, and the deeds tell them apart.
        Index("ix_audit_entries_target", "project_id", "target_id", "id"),
        NEVER_REUSE_IDS,
    )

    duties = Duties(
        project_by="project_id",
        ages=(),
        texts={"actor": Searched(), "action": OURS_TO_CHOOSE, "detail": Searched()},
        times={"created_at": StaysAhead("the audit is never changed")},
        person=PersonData("audit", OnErasure.HIDE_NAME),
    )
