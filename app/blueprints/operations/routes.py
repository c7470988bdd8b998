"""Alive, ready, and how much of everything; asked by machines, answered without secrets.

`/metrics` is at no second address below `/api`, and not part of the API's description: it is in
Prometheus' format, and a proxy that keeps it from the public has one address to close.
"""

import hmac
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from app.blueprints.operations.blueprint import blueprint
from app.blueprints.operations.metrics import Metrics
from app.blueprints.operations.schemas import AliveSchema, ReadinessSchema
from app.extensions import now, settings
from app.services.instance import readiness
from app.services.instance.readiness import Check
from app.web.openapi import Credentials, documented, page

_BEARER = WWWAuthenticate("bearer")
# How long a prober should wait while the instance is not ready; a restart takes about this.
_NOT_READY_RETRY_SECONDS = 2


@blueprint.get("/healthz")
@blueprint.get("/api/healthz")
@documented(answers={200: AliveSchema}, credentials=Credentials.ANYBODY)
def answer_alive() -> ResponseReturnValue:
    """Tell that the process answers; asks nothing of the database."""
    return {"ok": True}


@blueprint.get("/readyz")
@blueprint.get("/api/readyz")
@documented(answers={200: ReadinessSchema, 503: ReadinessSchema}, credentials=Credentials.ANYBODY)
def answer_ready() -> ResponseReturnValue:
    """Tell whether feedback can be taken, and what is wrong.

    503 when it cannot: a write is tried, every few seconds at most, and undone. Without the store
    of the limits it can, and each process counts for itself: 200, with `limiter` not ok and among
    what is `degraded`.
    """
    checks = readiness.checks(settings(), now=now())
    failed = [check for check in checks if check.problem]
    missing = [check.name for check in failed if check.is_vital]
    is_ready = not missing
    body: dict[str, Any] = {
        "ready": is_ready,
        "message": _in_a_sentence(missing, failed),
        "degraded": [check.name for check in failed if not check.is_vital],
        "checks": {
            check.name: {"ok": check.problem is None, "message": check.problem} for check in checks
        },
    }
    if is_ready:
        return body
    return body, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(_NOT_READY_RETRY_SECONDS)}


def _in_a_sentence(missing: Sequence[str], failed: Sequence[Check]) -> str:
    if missing:
        return f"Not ready, feedback cannot be stored: {', '.join(missing)}."
    effects = [check.effect for check in failed if check.effect]
    return " ".join(("Ready.", *effects)) if effects else "All is well."


@blueprint.get("/metrics")
@page
def read_metrics() -> ResponseReturnValue:
    """What all workers of this host counted, for who has the token of the settings."""
    metrics_token = settings().metrics_token
    if not metrics_token:
        raise Forbidden(
            "Metrics are off: set METRICS_TOKEN, and send it as `Authorization: Bearer …`."
        )
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_known = hmac.compare_digest(token.strip().encode(), metrics_token.encode())
    if scheme.lower() != "bearer" or not is_known:
        raise Unauthorized("This is not METRICS_TOKEN.", www_authenticate=_BEARER)
    metrics = cast(Metrics, current_app.extensions["metrics"])
    return Response(metrics.text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
