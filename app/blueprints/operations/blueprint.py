"""The blueprint itself, and what it keeps out of the log; see each view for who may ask."""

from http import HTTPStatus

from flask import Blueprint, Response

from app.logs import be_quiet
from app.web.openapi import entitle

blueprint = Blueprint("operations", __name__, cli_group=None)
entitle(blueprint, "Running it")


@blueprint.after_request
def be_quiet_when_well(response: Response) -> Response:
    """Machines ask every few seconds; only what they are told when it is bad is news."""
    if response.status_code == HTTPStatus.OK:
        be_quiet()
    return response
