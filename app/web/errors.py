"""Any exception becomes one refusal (`app.web.refusals`), and each refusal one JSON answer, here.

`{"message": …, "errors": {field: […]}}`, `errors` only on 422. With the header `Accept:
application/problem+json` the same comes as RFC 9457. A blueprint of pages shows the refusals as
pages, with `refuse_with`; what a client accepts never decides that. Only an address that no view
has may be claimed by a blueprint, with `claim_refusals`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from app.web.refusals import DESCRIPTIONS, Refusal, status_phrase

PROBLEM_JSON = "application/problem+json"

Claim = tuple[Callable[[], bool], Callable[[Refusal], ResponseReturnValue]]


def init_errors(app: Flask) -> None:
    refuse_with(app, _as_claimed)


def claim_refusals(
    app: Flask, *, is_ours: Callable[[], bool], show: Callable[[Refusal], ResponseReturnValue]
) -> None:
    """Show what is refused outside of all blueprints this way, where `is_ours` says so."""
    _claims(app).append((is_ours, show))


def _claims(app: Flask) -> list[Claim]:
    claims: list[Claim] = app.extensions.setdefault("claimed_refusals", [])
    return claims


def _as_claimed(refusal: Refusal) -> ResponseReturnValue:
    if request.blueprint is None:
        for is_ours, show in _claims(current_app):
            if is_ours():
                return show(refusal)
    return as_json(refusal)


def refuse_with(
    room: Flask | Blueprint,
    show: Callable[[Refusal], ResponseReturnValue],
    *,
    note: Callable[[Exception, Refusal], None] | None = None,
) -> None:
    """Whatever is raised in the room is shown this way, and noted before."""
    for kind, describe in DESCRIPTIONS.items():
        room.register_error_handler(kind, partial(_show, show, note, describe))


def _show(
    show: Callable[[Refusal], ResponseReturnValue],
    note: Callable[[Exception, Refusal], None] | None,
    describe: Callable[[Any], Refusal],
    error: Exception,
) -> ResponseReturnValue:
    refusal = describe(error)
    if note is not None:
        note(error, refusal)
    return show(refusal)


def as_json(refusal: Refusal) -> Response:
    if _wants_problem_json():
        problem: dict[str, object] = {
            "type": "about:blank",
            "title": status_phrase(refusal.status),
            "status": refusal.status,
            "detail": refusal.message,
        }
        if refusal.errors:
            problem["errors"] = refusal.errors
        response = jsonify(problem | dict(refusal.members))
        response.mimetype = PROBLEM_JSON
    else:
        errors = {"errors": refusal.errors} if refusal.errors else {}
        response = jsonify({"message": refusal.message, **errors, **refusal.members})
    response.status_code = refusal.status
    response.headers.update(refusal.headers)
    return response


def _wants_problem_json() -> bool:
    """Only when named: `*/*`, or no Accept at all, gets the SDKs' shape."""
    return any(
        accepted.partition(";")[0].strip().lower() == PROBLEM_JSON and quality > 0
        for accepted, quality in request.accept_mimetypes
    )
