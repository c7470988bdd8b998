"""What each exception says to whoever asked: a status, a message, and which fields are wrong.

`app.web.errors` shows these as JSON, or lets a blueprint show them as its pages. SDKs print the
message, so it tells a developer what to mend.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import request
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
from app.domain.sentry.credentials import NoCredentials, WrongCredentials
from app.extensions import now
from app.limits.allowances import seconds_until_allowed
from app.logs import log_failure, name_cause
from app.services.errors import (
    BundleMismatch,
    Forbidden,
    Invalid,
    NotFound,
    TooManyPasswords,
    Unauthenticated,
    UnknownProjectToken,
)
from app.signals import request_limited, tell
from app.web.wrong_addresses import below_api, methods_of, nothing_here

# What werkzeug says of itself, which tells nobody how much is taken.
_TOO_LARGE = RequestEntityTooLarge.description

_PASSWORDS_RETRY_SECONDS = 2

FieldErrors = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What is said instead of an answer; `members` are further keys of the JSON."""

    status: int
    message: str
    errors: FieldErrors = dataclasses.field(default_factory=dict)
    members: Mapping[str, str] = dataclasses.field(default_factory=dict)
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


def status_phrase(status: int) -> str:
    """As in the first line of the answer. Python's own phrases differ between its versions."""
    return HTTP_STATUS_CODES[status]


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
        meant = below_api(request.path)
        if meant and request.method in methods_of(meant):
            message += f" The API is below /api: {meant}."
        return message
    if error.code == HTTPStatus.NOT_FOUND and request.url_rule is None:
        return nothing_here(request.path)
    return error.description or status_phrase(error.code or 500)


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


def _too_many_passwords(error: TooManyPasswords) -> Refusal:
    return Refusal(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        message=str(error),
        headers={"Retry-After": str(_PASSWORDS_RETRY_SECONDS)},
    )


def _unknown_project_token(error: UnknownProjectToken) -> Refusal:
    return Refusal(status=HTTPStatus.UNAUTHORIZED, message=str(error))


def _no_credentials(error: NoCredentials) -> Refusal:
    return Refusal(status=HTTPStatus.UNAUTHORIZED, message=str(error))


def _wrong_credentials(error: WrongCredentials) -> Refusal:
    return Refusal(status=HTTPStatus.FORBIDDEN, message=str(error))


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


# The handlers of `app.web.errors`: Flask takes the one of the nearest class.
DESCRIPTIONS: Mapping[type[Exception], Callable[[Any], Refusal]] = {
    HTTPException: _http_error,
    RateLimitExceeded: _limit_exceeded,
    ValidationError: _invalid_input,
    Invalid: _invalid_value,
    NotFound: _not_found,
    Unauthenticated: _unauthenticated,
    TooManyPasswords: _too_many_passwords,
    UnknownProjectToken: _unknown_project_token,
    NoCredentials: _no_credentials,
    WrongCredentials: _wrong_credentials,
    Forbidden: _forbidden,
    BundleMismatch: _bundle_mismatch,
    **dict.fromkeys(
        (DatabaseBusy, OperationalError, InterfaceError, PoolTimeout), _database_unavailable
    ),
    IntegrityError: _broken_reference,
    Exception: _unexpected,
}
