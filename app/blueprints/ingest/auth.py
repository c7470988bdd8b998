"""Which project a request writes to, decided before anything is counted or read."""

from typing import NoReturn

from flask import g, request
from werkzeug.exceptions import Unauthorized

from app.extensions import unknown_token_allowance
from app.incoming import client_address_hash, client_subscriber_hash
from app.services import projects


def identify_project() -> None:
    """Sets g.project_id and g.address_hash; raises Unauthorized, or 429 for much guessing.

    `?token=` is for beacons, which cannot set headers; the header wins.
    """
    g.address_hash = client_address_hash()
    token = request.headers.get("X-Pionne-Token", "").strip() or request.args.get("token", "")
    if not token:
        raise Unauthorized(
            "The project token is missing: send it in the X-Pionne-Token header, or as ?token=."
        )
    project_id = projects.find_by_token(token)
    if project_id is None:
        g.subscriber_hash = client_subscriber_hash()
        _refuse_unknown_token()
    g.project_id = project_id


@unknown_token_allowance
def _refuse_unknown_token() -> NoReturn:
    raise Unauthorized("The project token is not known: it was mistyped, or has been rotated.")
