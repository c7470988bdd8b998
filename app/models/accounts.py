"""Accounts of whoever reads feedback, the tokens their clients hold, and what happened once."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.field_limits import EMAIL_MAX_CHARS, NAME_MAX_CHARS, TOKEN_LABEL_MAX_CHARS
from app.extensions import Model
from app.models.columns import NEVER_REUSE_IDS, Digest, Moment, Reference, RowId
from app.models.duties import (
    DIGEST,
    OURS_TO_CHOOSE,
    Duties,
    Expires,
    HandledIn,
    NotSearched,
    PersonData,
    Searched,
    StaysAhead,
    WhenAhead,
)


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
    # Base32; set when two-factor is being enrolled, in force once confirmed.
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_confirmed_at: Mapped[Moment | None]
    # The time step of the last code that was accepted: a code works once (RFC 6238 section 5.2).
    totp_last_step: Mapped[Reference | None]

    # A person's own account is found by its address; the names of others are searched.
    duties = Duties(
        project_by=None,
        ages=(),
        texts={
            "email": HandledIn("app.services.people.export"),
            "email_key": HandledIn("app.services.people.export"),
            "name": Searched(),
            "password_hash": DIGEST,
            "totp_secret": OURS_TO_CHOOSE,
        },
        times={"created_at": WhenAhead.NOW, "totp_confirmed_at": WhenAhead.NOW},
        person=PersonData("account_names", HandledIn("app.services.people.erasure")),
    )


class UserToken(Model):
    __tablename__ = "user_tokens"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[RowId]
    account_id: Mapped[Reference] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(TOKEN_LABEL_MAX_CHARS))
    digest: Mapped[Digest]
    created_at: Mapped[Moment]
    # A TokenAccess of an API token, which logins leave alone; null for what a login made.
    access: Mapped[str | None] = mapped_column(String(10))
    expires_at: Mapped[Moment | None]

    duties = Duties(
        project_by=None,
        ages=(),
        texts={
            "name": NotSearched("no address can be written in the signs that it may have"),
            "digest": DIGEST,
            "access": OURS_TO_CHOOSE,
        },
        times={
            "created_at": WhenAhead.NOW,
            "expires_at": StaysAhead("is to come, as it was meant"),
        },
    )


class RecoveryCode(Model):
    """Lets its owner in once without a second factor; the row goes when it is used."""

    __tablename__ = "recovery_codes"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[RowId]
    account_id: Mapped[Reference] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[Digest]

    duties = Duties(project_by=None, ages=(), texts={"digest": DIGEST})


class LoginChallenge(Model):
    """A login whose password was right and whose second factor is awaited."""

    __tablename__ = "login_challenges"
    __table_args__ = NEVER_REUSE_IDS

    id: Mapped[RowId]
    account_id: Mapped[Reference] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[Digest] = mapped_column(unique=True)
    client: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[Moment]

    duties = Duties(
        project_by=None,
        ages=(Expires("logins without a code", by="expires_at"),),
        texts={"digest": DIGEST, "client": OURS_TO_CHOOSE},
        times={"expires_at": StaysAhead("is to come, as it was meant")},
    )


class Milestone(Model):
    """What happened once to the instance, such as its first account, on which registering hangs;
    and which ids the demo made (app.services.projects.demos)."""

    __tablename__ = "milestones"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    reached_at: Mapped[Moment]

    duties = Duties(
        project_by=None,
        ages=(),
        texts={"name": OURS_TO_CHOOSE},
        times={"reached_at": WhenAhead.NOW},
    )
