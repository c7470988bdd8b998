"""Which project a request writes to, decided before anything is counted or read.

Where the token stands is the dialect's matter: each has a `TokenReader`, and the refusals say what
is right there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NoReturn, cast

from flask import Request
from flask.typing import ResponseReturnValue, RouteCallable
from werkzeug.exceptions import Unauthorized

from app.current import this_g, this_request
from app.database import note_failure
from app.domain import tokens
from app.limits.allowances import unknown_token_allowance
from app.services.errors import UnknownProjectToken
from app.services.projects import senders
from app.web.incoming import client_address_hash, client_subscriber_hash


@dataclass(frozen=True, kw_only=True)
class TokenReader:
    """Where the requests of a dialect have the project token, for machines and in words.

    `read` gives "" where there is none; it may refuse by itself what contradicts itself. `header`
    is the usual place, and `otherwise` completes `send it in the … header, or`.
    """

    read: Callable[[Request], str]
    header: str
    otherwise: str


def identify_project(reader: TokenReader) -> None:
    """Sets g.sender, g.project_id and g.address_hash.

    Raises Unauthorized, UnknownProjectToken, or 429 for much guessing.
    """
    asked, of_request = this_request(), this_g()
    of_request.address_hash = client_address_hash()
    token = reader.read(asked)
    if tokens.read_user_token(token or _bearer(asked)) is not None:
        raise Unauthorized(
            f"This is a user token; {asked.path} takes a project token (pio_live_…), in the"
            f" {reader.header} header."
        )
    if not token:
        if tokens.is_project_token(_bearer(asked)):
            raise Unauthorized(
                f"The project token belongs into the {reader.header} header, not into"
                " Authorization."
            )
        raise Unauthorized(
            f"The project token is missing: send it in the {reader.header} header, or"
            f" {reader.otherwise}."
        )
    sender = senders.find(token)
    if sender is None:
        _refuse_guess()
    of_request.sender = sender
    of_request.project_id = sender.project_id


def note_sender(reader: TokenReader) -> None:
    """Set g.sender of a request that is refused before anything else is looked at.

    Refuses nothing; where the database does not answer, it believes what is remembered.
    """
    try:
        if sender := senders.find(reader.read(this_request())):
            this_g().sender = sender
            if not senders.is_known(sender):
                this_g().sender = None
    except Exception as error:
        note_failure(error)


def _bearer(asked: Request) -> str:
    """What stands in Authorization, where it does not belong."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def refusing_dead_tokens_first(view: RouteCallable) -> RouteCallable:
    """The view; a sender whose token was revoked elsewhere is told only that, by 401."""

    @wraps(view)
    def answer(**values: Any) -> ResponseReturnValue:
        try:
            return cast(ResponseReturnValue, view(**values))
        except UnknownProjectToken:
            _refuse_guess()  # do not tell either how much the project may still send
        except Exception:
            if senders.is_known(this_g().sender):
                raise
            _refuse_guess()

    return answer


def _refuse_guess() -> NoReturn:
    this_g().sender = None  # nobody's, after all
    this_g().subscriber_hash = client_subscriber_hash()
    _refuse_unknown_token()


@unknown_token_allowance
def _refuse_unknown_token() -> NoReturn:
    raise UnknownProjectToken
