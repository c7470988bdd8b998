"""`pionne-feedback accounts …`: an account, its token, and the way back in, without an API."""

import secrets
import sys

import click
from flask.cli import AppGroup

from app.commands import EmailAddress, json_option, on_instance, say, show
from app.domain.field_limits import PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS
from app.domain.text import in_one_line, is_storable
from app.extensions import now
from app.services import accounts
from app.services.accounts import AccountRow, password_change

# 128 bits, typed at most once.
_MADE_UP_PASSWORD_BYTES = 16

_FROM_STANDARD_INPUT = "-"

_password_option = click.option(
    "--password",
    help="Asked for when not given; empty: one is made up and shown; `-` reads standard input.",
)

accounts_group = AppGroup("accounts", help="Accounts of whoever reads feedback.")


@accounts_group.command("create")
@click.argument("email", type=EmailAddress())
@_password_option
@json_option
@on_instance
def create(email: str, password: str | None, as_json: bool) -> None:
    """Create an account for EMAIL."""
    chosen, made_up = _choose_password(password, as_json=as_json)
    account = accounts.create(email, password=chosen, now=now())
    text = f"Account {account.id} created for {in_one_line(account.email)}."
    next_step = f"\nNext: pionne-feedback accounts token {account.email}"
    _show_account(account, made_up, text=text, next_step=next_step, as_json=as_json)


@accounts_group.command("reset")
@click.argument("email", type=EmailAddress())
@_password_option
@json_option
@on_instance
def reset(email: str, password: str | None, as_json: bool) -> None:
    """Give EMAIL a new password, turn two-factor off, and revoke all tokens."""
    chosen, made_up = _choose_password(password, as_json=as_json)
    account = password_change.reset(email, new_password=chosen)
    shown = in_one_line(account.email)
    text = f"Account {account.id} of {shown} has a new password, and no two-factor."
    _show_account(account, made_up, text=text, next_step="", as_json=as_json)


@accounts_group.command("token")
@click.argument("email", type=EmailAddress())
@json_option
@on_instance
def token(email: str, as_json: bool) -> None:
    """Make a token for the API, beside those that EMAIL has."""
    issued = accounts.issue_token(email, client="command", now=now())
    text = (
        f"Token of {issued.email}, shown only now:\n{issued.token}\n"
        f"Send it as: Authorization: Bearer {issued.token}"
    )
    show(issued, as_json=as_json, text=text)


def _choose_password(password: str | None, *, as_json: bool) -> tuple[str, str | None]:
    """The password, and once more if it was made up; asks on a terminal when none is given."""
    is_in_sight = password not in (None, "", _FROM_STANDARD_INPUT)
    if password is None and sys.stdin.isatty() and not as_json:
        password = click.prompt(
            "Password (empty: make one up)", hide_input=True, default="", show_default=False
        )
    elif password == _FROM_STANDARD_INPUT:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise click.BadParameter("standard input held no password in its first line")
    made_up = None if password else secrets.token_urlsafe(_MADE_UP_PASSWORD_BYTES)
    chosen = made_up or password or ""
    if not PASSWORD_MIN_CHARS <= len(chosen) <= PASSWORD_MAX_CHARS or not is_storable(chosen):
        raise click.BadParameter(
            f"the password must have {PASSWORD_MIN_CHARS} to {PASSWORD_MAX_CHARS} characters"
        )
    if is_in_sight:
        say(
            "Warning: a password on the command line can be seen by everybody on this machine, and"
            " stays in the shell's history. `--password -` reads it from standard input.",
            err=True,
        )
    return chosen, made_up


def _show_account(
    account: AccountRow, made_up: str | None, *, text: str, next_step: str, as_json: bool
) -> None:
    values: dict[str, object] = {"id": account.id, "email": account.email}
    if made_up:
        values["password"] = made_up
        text += f"\nPassword, shown only now: {made_up}"
    show(values, as_json=as_json, text=text + next_step)
