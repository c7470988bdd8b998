"""Makes an account for whoever asks, where the setting REGISTRATION or an invitation allows it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, select

from app.database import read_transaction, write_transaction
from app.domain import tokens
from app.domain.email_address import email_key
from app.domain.registration import RegistrationMode, may_register
from app.models import Invitation, Project
from app.models.projects import IS_ALIVE
from app.services import accounts
from app.services.accounts import passwords, user_tokens
from app.services.accounts.accounts import LoggedIn
from app.services.errors import Forbidden, Invalid
from app.services.projects import invitations

_REFUSALS = {
    RegistrationMode.FIRST: (
        "Registration is over: this instance has had its first account. Ask for an invitation, or"
        " have whoever runs it set REGISTRATION=open, or run `pionne-feedback accounts create`."
    ),
    RegistrationMode.CLOSED: (
        "Registration is closed. Whoever runs this instance can set REGISTRATION=first or open, or"
        " run `pionne-feedback accounts create`."
    ),
}


@dataclass(frozen=True, kw_only=True)
class Application:
    """Who wants an account; `invitation` is the token that an owner sent to this address."""

    email: str
    password: str = field(repr=False)
    name: str | None = None
    invitation: str | None = field(default=None, repr=False)


def is_first_run() -> bool:
    """Whether nobody has had an account yet."""
    with read_transaction() as connection:
        return not accounts.have_been(connection)


def why_refused(mode: RegistrationMode, *, is_invited: bool) -> str | None:
    """What to tell whoever may not register; None when they may."""
    is_allowed = may_register(mode, is_first=is_first_run(), is_invited=is_invited)
    return None if is_allowed else _REFUSALS[mode]


def register(
    application: Application, *, mode: RegistrationMode, client: str, now: datetime
) -> LoggedIn:
    """Of several first registrations at once, one makes an account.

    Raises Forbidden when nobody may register, or not without an invitation; Invalid when the
    address has an account, the invitation is not good for it, or the password is weak.
    """
    is_invited = application.invitation is not None
    with read_transaction() as connection:
        if not may_register(
            mode, is_first=not accounts.have_been(connection), is_invited=is_invited
        ):
            raise Forbidden(_REFUSALS[mode])
        _find_invitation(connection, application, now)
    # Between the two, because it is slow, and nobody who is refused should cost it.
    password_hash = passwords.hashed_if_fit(
        application.password, email=application.email, name=application.name
    )
    with write_transaction() as connection:
        is_first = accounts.claim_first_place(connection, now=now)
        if not may_register(mode, is_first=is_first, is_invited=is_invited):
            raise Forbidden(_REFUSALS[mode])
        invitation = _find_invitation(connection, application, now)
        account = accounts.add(
            connection,
            application.email,
            password_hash=password_hash,
            name=application.name,
            now=now,
        )
        if invitation is not None:
            _join(connection, invitation, account_id=account.id, now=now)
        token = user_tokens.add(connection, account.id, client=client, now=now)
    return LoggedIn(account, token)


def _find_invitation(
    connection: Connection, application: Application, now: datetime
) -> Row[int, int, str, str] | None:
    """None when none was sent along; raises Invalid for one that is not good for the address."""
    if application.invitation is None:
        return None
    row = connection.execute(
        select(Invitation.id, Invitation.project_id, Invitation.role, Invitation.email)
        .join(Project, Project.id == Invitation.project_id)
        .where(
            Invitation.digest == tokens.digest(application.invitation),
            invitations.is_unexpired(now),
            IS_ALIVE,
        )
    ).one_or_none()
    if row is None or email_key(row.email) != email_key(application.email):
        raise _not_good()
    return row


def _join(
    connection: Connection,
    invitation: Row[int, int, str, str],
    *,
    account_id: int,
    now: datetime,
) -> None:
    role = invitations.join(
        connection, invitation.project_id, invitation.id, account_id=account_id, now=now
    )
    if role is None:
        raise _not_good()  # withdrawn since it was found


def _not_good() -> Invalid:
    return Invalid(
        "invitation",
        "The invitation was used, withdrawn, is too old, or is for another email address.",
    )
