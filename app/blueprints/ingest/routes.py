"""The public routes. Each answers at `/x` and at `/api/x`, because SDK bases differ."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, g, request
from flask.typing import ResponseReturnValue, RouteCallable

from app.blueprints.ingest.auth import identify_project
from app.blueprints.ingest.cors import preflight
from app.blueprints.ingest.schemas import FeedbackSchema
from app.extensions import feedback_allowance, now
from app.incoming import json_body, refuse_large_body, row_id
from app.services import feedback

blueprint = Blueprint("ingest", __name__)

_feedback_schema = FeedbackSchema()


@blueprint.before_request
def admit() -> ResponseReturnValue | None:
    """Body limit, then who; how often is counted on each view."""
    if request.method == "OPTIONS":
        return preflight()
    refuse_large_body()
    identify_project()
    return None


def public_post(rule: str) -> Callable[[RouteCallable], RouteCallable]:
    """Registers a view for POST at the rule, with and without `/api`."""

    def register(view: RouteCallable) -> RouteCallable:
        blueprint.post(rule)(view)
        blueprint.post(f"/api{rule}")(view)
        return view

    return register


@public_post("/feedback")
@feedback_allowance
def submit_feedback() -> ResponseReturnValue:
    """Store one piece of feedback; sending it again is harmless."""
    return _submit(event_id=None)


@public_post("/events/<event_id>/feedback")
@feedback_allowance
def submit_event_feedback(event_id: str) -> ResponseReturnValue:
    """The same, tied to a captured event and to the issue it belongs to."""
    return _submit(event_id=row_id(event_id))


def _submit(*, event_id: int | None) -> tuple[dict[str, Any], int]:
    submission = _feedback_schema.load(json_body())
    window_seconds = current_app.config["PIONNE"].duplicate_window_seconds
    stored = feedback.submit(
        g.project_id,
        submission,
        event_id=event_id,
        address_hash=g.address_hash,
        now=now(),
        duplicate_window=timedelta(seconds=window_seconds),
    )
    return {"ok": True, "feedback_id": stored.id}, 202
