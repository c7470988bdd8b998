"""The blueprint itself, how it refuses, and how it registers a route.

Who sends is asked by each view: the key may stand in the body alone.
"""

from collections.abc import Callable

from flask import Blueprint
from flask.typing import ResponseReturnValue, RouteCallable

from app.blueprints.sentry.answers import show
from app.current import this_request
from app.domain.losses import LossKind
from app.web.cors import preflight
from app.web.last_use import note_use
from app.web.openapi import page
from app.web.refused_posts import count_refusals

blueprint = Blueprint("sentry", __name__)
_kinds: dict[str, LossKind] = {}
count_refusals(blueprint, _kinds, show=show)
blueprint.after_request(note_use)


@blueprint.before_request
def _answer_preflight() -> ResponseReturnValue | None:
    return preflight() if this_request().method == "OPTIONS" else None


def sentry_post(*rules: str, kind: LossKind) -> Callable[[RouteCallable], RouteCallable]:
    """Registers a view for POST; what it refuses as a whole is counted as a loss of this kind."""

    def register(view: RouteCallable) -> RouteCallable:
        _kinds[f"{blueprint.name}.{view.__name__}"] = kind
        for rule in rules:
            blueprint.post(rule)(page(view))
        return view

    return register
