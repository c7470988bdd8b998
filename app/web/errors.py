"""Any exception becomes one refusal, here and nowhere else, and the refusal one JSON answer.

`{"message": …, "errors": {field: […]}}`, `errors` only on 422; SDKs print `message`, so it tells a
developer what to mend. With `Accept: application/problem+json` the same comes as RFC 9457. A
blueprint of pages shows the same refusals as pages, with `refuse_with`; what a client accepts never
decides that. Only an address that no view has may be claimed by one, with `claim_refusals`.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES

from app.database import is_missing_parent
from app.database.outage import this_outage
from app.database.write_group import DatabaseBusy
from app.database_causes import UNKNOWN, failure_of, failure_or_unknown
from app.extensions import now
from app.limits.allowances import seconds_until_allowed
from app.logs import log_failure, name_cause
from app.services.errors import (
    BundleMismatch,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    UnknownProjectToken,
)
from app.signals import request_limited, tell

PROBLEM_JSON = "application/problem+json"
# How long a prober should wait while the instance is not ready; a restart takes about this.
DATABASE_RETRY_SECONDS = 2

# What werkzeug says of itself, which tells nobody how much is taken.
_TOO_LARGE = RequestEntityTooLarge.description

# What the vendor's build tools ask for, also with a slash too many, from the end of what was set as
# their server. They show the message to whoever runs the build.
_NOT_DONE_HERE = re.compile(
    r"/*(?:api/+)?projects/+[^/]+/+(?P<what>sourcemaps|profiles)(?:/.*)?"
    r"|/*(?:api/+)?(?:ingest/+)?(?P<also>profiles)/*"
)
_NOT_DONE = {
    "sourcemaps": "Source maps are not used by this server, and stacks are kept as they come: leave"
    " the step that uploads source maps out of your build.",
    "profiles": "Profiles are not kept by this server: switch profiling off in your SDK's options.",
}

FieldErrors = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What is said instead of an answer; `members` are further keys of the JSON."""

    status: int
    message: str
    errors: FieldErrors = dataclasses.field(default_factory=dict)
    members: Mapping[str, str] = dataclasses.field(default_factory=dict)
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


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


def refuse_with(room: Flask | Blueprint, show: Callable[[Refusal], ResponseReturnValue]) -> None:
    """Whatever is raised in the room is shown this way."""
    for kind, describe in _DESCRIPTIONS.items():
        room.register_error_handler(kind, partial(_show, show, describe))


def _show(
    show: Callable[[Refusal], ResponseReturnValue],
    describe: Callable[[Any], Refusal],
    error: Exception,
) -> ResponseReturnValue:
    return show(describe(error))


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


def status_phrase(status: int) -> str:
    """As in the first line of the answer. Python's own phrases differ between its versions."""
    return HTTP_STATUS_CODES[status]


def _wants_problem_json() -> bool:
    """Only when named: `*/*`, or no Accept at all, gets the SDKs' shape."""
    return any(
        accepted.partition(";")[0].strip().lower() == PROBLEM_JSON and quality > 0
        for accepted, quality in request.accept_mimetypes
    )


def _http_error(error: HTTPException) -> Refusal:
    headers = dict(error.get_headers(request.environ))
    headers.pop("Content-Type", None)
    return Refusal(
        status=error.code or HTTPStatus.INTERNAL_SERVER_ERROR,
        message=_message(error),
        headers=headers,
    )


def _message(error: HTTPException) -> str:
    if isinstance(error, RequestEntityTooLarge) and error.description == _TOO_LARGE:
        return f"The body is too large: at most {request.max_content_length} bytes."
    if isinstance(error, MethodNotAllowed):
        methods = ", ".join(sorted({*(error.valid_methods or ())} - {"OPTIONS", "HEAD"}))
        message = f"This address does not take {request.method}; it takes {methods}."
        below_api = _below_api(request.path)
        if below_api and request.method in _methods_of(below_api):
            message += f" The API is below /api: {below_api}."
        return message
    if error.code == HTTPStatus.NOT_FOUND and request.url_rule is None:
        return _nothing_here(request.path)
    return error.description or status_phrase(error.code or 500)


def _nothing_here(path: str) -> str:
    """With a hint for who set the bare host, or asks for what this service does not do."""
    if found := _NOT_DONE_HERE.fullmatch(path):
        return _NOT_DONE[found["what"] or found["also"]]
    if below_api := _below_api(path):
        return f"There is nothing at this address; the API is below /api: {below_api}."
    return "There is nothing at this address; check the path."


def where_api_is(page: str) -> str:
    """For a program that asked for the address of a page."""
    below_api = _below_api(page) or "/api/docs tells its addresses"
    return f"This address is a page for browsers; the API is below /api: {below_api}."


def _below_api(path: str) -> str | None:
    """The address below `/api` that is meant, if there is one."""
    meant = f"/api/{path.lstrip('/')}"
    return meant if not path.startswith("/api/") and _methods_of(meant) else None


def _methods_of(path: str) -> set[str]:
    adapter = current_app.create_url_adapter(request)
    return set(adapter.allowed_methods(path)) if adapter is not None else set()


def _limit_exceeded(error: RateLimitExceeded) -> Refusal:
    tell(request_limited, allowance=str(error.limit.scope))
    limit = error.limit.limit
    words = (
        error.limit.error_message
        or f"Too many requests: {limit.amount} a {limit.GRANULARITY.name} are allowed."
    )
    return Refusal(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        message=f"{words} Try again in {seconds_until_allowed()} seconds.",
    )


def _invalid_input(error: ValidationError) -> Refusal:
    errors = _flat(_by_field(error))
    messages = [message for field in errors.values() for message in field]
    more = len(messages) - 1
    suffix = f" (and {more} more error{'s' if more > 1 else ''})" if more else ""
    return Refusal(
        status=HTTPStatus.UNPROCESSABLE_ENTITY, message=messages[0] + suffix, errors=errors
    )


def _by_field(error: ValidationError) -> dict[str, object]:
    messages = error.messages
    return messages if isinstance(messages, dict) else {"body": messages}


def _flat(messages: dict[str, object], prefix: str = "") -> FieldErrors:
    flat: FieldErrors = {}
    for field, value in messages.items():
        name = f"{prefix}{field}"
        if isinstance(value, dict):
            flat |= _flat(value, f"{name}.")
        else:
            flat[name] = [str(message) for message in value] if isinstance(value, list) else []
    return flat


def _invalid_value(error: Invalid) -> Refusal:
    return Refusal(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        message=str(error),
        errors={error.field: [str(error)]},
    )


def _not_found(error: NotFound) -> Refusal:
    return Refusal(status=HTTPStatus.NOT_FOUND, message=str(error))


def _unauthenticated(error: Unauthenticated) -> Refusal:
    return Refusal(
        status=HTTPStatus.UNAUTHORIZED,
        message=str(error),
        headers={"WWW-Authenticate": WWWAuthenticate("bearer").to_header()},
    )


def _unknown_project_token(error: UnknownProjectToken) -> Refusal:
    return Refusal(status=HTTPStatus.UNAUTHORIZED, message=str(error))


def _forbidden(error: Forbidden) -> Refusal:
    return Refusal(status=HTTPStatus.FORBIDDEN, message=str(error))


def _bundle_mismatch(error: BundleMismatch) -> Refusal:
    return Refusal(
        status=HTTPStatus.FORBIDDEN,
        message=str(error),
        members={"expected_format": error.expected_format},
    )


def _database_unavailable(error: Exception) -> Refusal:
    """One answer for each cause, and a line in the log when it begins."""
    failure = failure_or_unknown(error)
    if failure.cause is UNKNOWN:
        log_failure(error)
    this_outage().note_failure(failure, now=now())
    name_cause(failure)
    return Refusal(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        message=f"{failure.cause.words}. Try again later.",
        headers={"Retry-After": str(failure.cause.retry_seconds)},
    )


def _broken_reference(error: IntegrityError) -> Refusal:
    """A project may be deleted and purged between a request's check and its write."""
    if is_missing_parent(error):
        message = "What this belongs to was deleted a moment ago."
        return Refusal(status=HTTPStatus.NOT_FOUND, message=message)
    return _unexpected(error)


def _unexpected(error: Exception) -> Refusal:
    if failure_of(error):  # the database's, of a kind that SQLAlchemy calls something else
        return _database_unavailable(error)
    log_failure(error)
    return Refusal(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        message="The server failed to answer; the request id in X-Request-Id finds it in the log.",
    )


_DESCRIPTIONS: Mapping[type[Exception], Callable[[Any], Refusal]] = {
    HTTPException: _http_error,
    RateLimitExceeded: _limit_exceeded,
    ValidationError: _invalid_input,
    Invalid: _invalid_value,
    NotFound: _not_found,
    Unauthenticated: _unauthenticated,
    UnknownProjectToken: _unknown_project_token,
    Forbidden: _forbidden,
    BundleMismatch: _bundle_mismatch,
    **dict.fromkeys(
        (DatabaseBusy, OperationalError, InterfaceError, PoolTimeout), _database_unavailable
    ),
    IntegrityError: _broken_reference,
    Exception: _unexpected,
}
