"""The Sentry dialect: what stock Sentry SDKs post to the DSN of a project.

The contract is docs/sentry-dialect.md. All that is stored ends in the services that store what
comes in our own dialect; what SDKs write is read in `app.domain.sentry`.
"""

from flask import Flask, Response

from app.blueprints.sentry import dialog_routes, routes
from app.blueprints.sentry.addresses import is_near
from app.blueprints.sentry.answers import CORS, show
from app.blueprints.sentry.blueprint import blueprint
from app.current import this_request
from app.web.cors import preflight, publish
from app.web.errors import claim_refusals
from app.web.refusals import Refusal

__all__ = ["blueprint", "dialog_routes", "init_app", "routes"]


def init_app(app: Flask) -> None:
    publish(app, blueprint, is_near=is_near, rules=CORS)
    claim_refusals(
        app,
        is_ours=lambda: is_near(this_request().path),
        show=_show_stray,
    )


def _show_stray(refusal: Refusal) -> Response:
    return preflight() if this_request().method == "OPTIONS" else show(refusal)
