"""The blueprint itself, and who may pass; each view asks for the project it is about."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request, url_for
from marshmallow import Schema

from app.web.authentication import identify_account
from app.web.incoming import query_values, refuse_large_body
from app.web.openapi import entitle
from app.web.query_parameters import refuse_unknown_parameters

blueprint = Blueprint("dashboard", __name__, url_prefix="/api", cli_group=None)
entitle(blueprint, "Projects, feedback, issues, releases")


@blueprint.before_request
def admit() -> None:
    """Body limit, then who, then whether the query says what it seems to."""
    refuse_large_body()
    if request.method != "OPTIONS":  # which methods there are is no secret
        identify_account()
        refuse_unknown_parameters()


def next_page(
    endpoint: str, query_schema: Schema, *, before: str | None, **path: str | int
) -> Mapping[str, str]:
    """The `Link` header to the page below the cursor, with the filters of this one."""
    if before is None:
        return {}
    values: dict[str, Any] = {
        name: value for name, value in query_values().items() if name in query_schema.fields
    }
    url = url_for(endpoint, _external=bool(request.host), **(values | {"before": before} | path))
    return {"Link": f'<{url}>; rel="next"'}
