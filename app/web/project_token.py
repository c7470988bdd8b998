"""Which project a request writes to, decided before anything is counted or read."""

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


def identify_project() -> None:
    """Sets g.sender, g.project_id and g.address_hash.

    `?token=` is for beacons, which cannot set headers; the header wins. Raises Unauthorized,
    UnknownProjectToken, or 429 for much guessing.
    """
    asked, of_request = this_request(), this_g()
    of_request.address_hash = client_address_hash()
    token = _project_token(asked)
    if tokens.read_user_token(token or _bearer(asked)) is not None:
        raise Unauthorized(
            f"This is a user token; {asked.path} takes a project token (pio_live_…), in the"
            " X-Pionne-Token header."
        )
    if not token:
        if tokens.is_project_token(_bearer(asked)):
            raise Unauthorized(
                "The project token belongs into the X-Pionne-Token header, not into Authorization."
            )
        raise Unauthorized(
            "The project token is missing: send it in the X-Pionne-Token header, or as ?token=."
        )
    sender = senders.find(token)
    if sender is None:
        _refuse_guess()
    of_request.sender = sender
    of_request.project_id = sender.project_id


def note_sender() -> None:
    """Set g.sender of a request that is refused before anything else is looked at.

    Refuses nothing; where the database does not answer, it believes what is remembered.
    """
    try:
        if sender := senders.find(_project_token(this_request())):
            this_g().sender = sender
            if not senders.is_known(sender):
                this_g().sender = None
    except Exception as error:
        note_failure(error)


def _project_token(asked: Request) -> str:
    return asked.headers.get("X-Pionne-Token", "").strip() or asked.args.get("token", "")


def _bearer(asked: Request) -> str:
    """What stands in Authorization, where it does not belong."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def refusing_dead_tokens_first(view: RouteCallable) -> RouteCallable:
    """The view, where a token that was revoked elsewhere gets no other refusal than 401."""

    @wraps(view)
    def answer(**values: Any) -> ResponseReturnValue:
        try:
            return cast(ResponseReturnValue, view(**values))
        except UnknownProjectToken:
            _refuse_guess()  # nor does it hear how much the project may still send
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
