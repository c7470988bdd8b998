"""The blueprint itself, who may pass, and how a public route is registered."""

from collections.abc import Callable

from flask import Blueprint
from flask.typing import ResponseReturnValue, RouteCallable
from werkzeug.exceptions import RequestEntityTooLarge

from app.blueprints.ingest.event_body import take_pictures
from app.current import this_request
from app.domain.losses import LossKind
from app.web.cors import preflight
from app.web.incoming import refuse_large_body
from app.web.project_token import identify_project, note_sender, refusing_dead_tokens_first
from app.web.refused_posts import count_refusals

blueprint = Blueprint("ingest", __name__)

_WITH_PICTURES = {"ingest.ingest_event"}
_kinds: dict[str, LossKind] = {}
count_refusals(blueprint, _kinds)


@blueprint.before_request
def admit() -> ResponseReturnValue | None:
    """Body limit, then who; how often is counted on each view."""
    if this_request().method == "OPTIONS":
        return preflight()
    if this_request().endpoint in _WITH_PICTURES:
        take_pictures()
    try:
        refuse_large_body()
    except RequestEntityTooLarge:
        note_sender()
        raise
    identify_project()
    return None


def public_post(*rules: str, kind: LossKind) -> Callable[[RouteCallable], RouteCallable]:
    """Registers a view for POST at the rules, with and without `/api`, because SDK bases differ.

    Other forms of these addresses are taken back to them in `app.blueprints.ingest.addresses`. What
    the view refuses is counted as a loss of this kind.
    """

    def register(view: RouteCallable) -> RouteCallable:
        view = refusing_dead_tokens_first(view)
        _kinds[f"{blueprint.name}.{view.__name__}"] = kind
        for rule in rules:
            blueprint.post(rule)(view)
            blueprint.post(f"/api{rule.rstrip('/')}")(view)
        return view

    return register
