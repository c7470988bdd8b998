"""Any exception becomes one JSON answer, here and nowhere else.

`{"message": …, "errors": {field: […]}}`, `errors` only on 422; SDKs print `message`, so it tells a
developer what to mend. With `Accept: application/problem+json` the same comes as RFC 9457.
"""

from http import HTTPStatus

from flask import Flask, Response, current_app, jsonify, request
from flask_limiter import RateLimitExceeded
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from app.database import DatabaseBusy, is_missing_parent
from app.extensions import seconds_until_allowed
from app.logs import log_failure
from app.services.errors import BundleMismatch, Forbidden, Invalid, NotFound, Unauthenticated
from app.signals import request_limited, tell

PROBLEM_JSON = "application/problem+json"
# How long a client should wait when the database is locked or gone; a restart takes about this.
DATABASE_RETRY_SECONDS = 2

FieldErrors = dict[str, list[str]]


def init_errors(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RateLimitExceeded, _limit_exceeded)
    app.register_error_handler(ValidationError, _invalid_input)
    app.register_error_handler(Invalid, _invalid_value)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(Unauthenticated, _unauthenticated)
    app.register_error_handler(Forbidden, _forbidden)
    app.register_error_handler(BundleMismatch, _bundle_mismatch)
    for unavailable in (DatabaseBusy, OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(unavailable, _database_unavailable)
    app.register_error_handler(IntegrityError, _broken_reference)
    app.register_error_handler(Exception, _unexpected)


def _answer(
    status: int, message: str, errors: FieldErrors | None = None, **members: str
) -> Response:
    if _wants_problem_json():
        problem: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": message,
        }
        if errors:
            problem["errors"] = errors
        response = jsonify(problem | members)
        response.mimetype = PROBLEM_JSON
    else:
        response = jsonify(
            {"message": message, **({"errors": errors} if errors else {}), **members}
        )
    response.status_code = status
    return response


def _wants_problem_json() -> bool:
    """Only when named: `*/*`, or no Accept at all, gets the SDKs' shape."""
    return any(
        accepted.partition(";")[0].strip().lower() == PROBLEM_JSON and quality > 0
        for accepted, quality in request.accept_mimetypes
    )


def _http_error(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    response = _answer(status, _message(error))
    for name, value in error.get_headers(request.environ):
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _message(error: HTTPException) -> str:
    if isinstance(error, RequestEntityTooLarge):
        return f"The body is too large: at most {current_app.config['MAX_CONTENT_LENGTH']} bytes."
    if isinstance(error, MethodNotAllowed):
        methods = ", ".join(sorted({*(error.valid_methods or ())} - {"OPTIONS", "HEAD"}))
        return f"This address does not take {request.method}; it takes {methods}."
    if error.code == HTTPStatus.NOT_FOUND and request.url_rule is None:
        return "There is nothing at this address; check the path."
    return error.description or HTTPStatus(error.code or 500).phrase


def _limit_exceeded(error: RateLimitExceeded) -> Response:
    tell(request_limited, allowance=str(error.limit.scope))
    limit = error.limit.limit
    return _answer(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"Too many requests: {limit.amount} a {limit.GRANULARITY.name} are allowed."
        f" Try again in {seconds_until_allowed()} seconds.",
    )


def _invalid_input(error: ValidationError) -> Response:
    errors = _flat(_by_field(error))
    messages = [message for field in errors.values() for message in field]
    more = len(messages) - 1
    suffix = f" (and {more} more error{'s' if more > 1 else ''})" if more else ""
    return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, messages[0] + suffix, errors)


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


def _invalid_value(error: Invalid) -> Response:
    return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), {error.field: [str(error)]})


def _not_found(error: NotFound) -> Response:
    return _answer(HTTPStatus.NOT_FOUND, str(error))


def _unauthenticated(error: Unauthenticated) -> Response:
    return _answer(HTTPStatus.UNAUTHORIZED, str(error))


def _forbidden(error: Forbidden) -> Response:
    return _answer(HTTPStatus.FORBIDDEN, str(error))


def _bundle_mismatch(error: BundleMismatch) -> Response:
    return _answer(HTTPStatus.FORBIDDEN, str(error), expected_format=error.expected_format)


def _database_unavailable(error: Exception) -> Response:
    log_failure(error)
    response = _answer(
        HTTPStatus.SERVICE_UNAVAILABLE, "The database is busy or away; nothing was stored."
    )
    response.headers["Retry-After"] = str(DATABASE_RETRY_SECONDS)
    return response


def _broken_reference(error: IntegrityError) -> Response:
    """A project may be deleted and purged between a request's check and its write."""
    if is_missing_parent(error):
        return _answer(HTTPStatus.NOT_FOUND, "What this belongs to was deleted a moment ago.")
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    log_failure(error)
    return _answer(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The server failed to answer; the request id in X-Request-Id finds it in the log.",
    )
