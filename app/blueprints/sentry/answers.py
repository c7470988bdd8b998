"""What an SDK is answered; what each part is for is told in `app.domain.sentry.answers`."""

from collections.abc import Iterable, Mapping

from flask import Response, jsonify

from app.domain.sentry.answers import (
    QUIET,
    RateLimit,
    error_body,
    error_header,
    rate_limits_header,
    stored_body,
)
from app.domain.sentry.categories import ATTACHMENT, DEFAULT, ERROR, FEEDBACK, SESSION
from app.domain.sentry.reports import Reports
from app.extensions import settings
from app.limits.allowances import seconds_until_allowed
from app.web.cors import CorsRules
from app.web.refusals import Refusal

CORS = CorsRules(
    methods="GET, POST, OPTIONS",
    own=(
        "x-sentry-auth",
        "x-requested-with",
        "x-forwarded-for",
        "origin",
        "referer",
        "accept",
        "content-type",
        "authentication",
        "authorization",
        "content-encoding",
        "transfer-encoding",
        "sentry-trace",
        "baggage",
    ),
    exposed="x-sentry-error, x-sentry-rate-limits, retry-after, x-request-id",
)
_LIMITS = "X-Sentry-Rate-Limits"
# SDKs hold back every category where a 429 names none.
_EVERYTHING = (ERROR, FEEDBACK, DEFAULT, SESSION, ATTACHMENT)
_TOO_MUCH = "More was sent in this minute than the project may send."


def answer_to(reports: Reports, limits: Iterable[RateLimit]) -> Response:
    """When all of it is stored, merged or counted."""
    if held_back := list(limits):
        response = refused(429, _TOO_MUCH)
        response.headers[_LIMITS] = rate_limits_header(held_back)
        return response
    if reports.is_invalid:
        return refused(400, "Something of it cannot be read.", causes=reports.causes)
    response = jsonify(stored_body(reports.sentry_id))
    if reports.has_unsupported and settings().sentry_quiet == "on":
        response.headers[_LIMITS] = rate_limits_header([QUIET])
    return response


def refused(
    status: int,
    detail: str,
    *,
    causes: Iterable[str] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    response = jsonify(error_body(detail, causes))
    response.status_code = status
    response.headers.update(headers or {})
    response.headers["X-Sentry-Error"] = error_header(detail)
    return response


def show(refusal: Refusal) -> Response:
    """Whatever is raised, also where no view is."""
    headers = dict(refusal.headers)
    if refusal.status == 503:
        # SDKs would hold back everything for so long, where now only this is lost.
        headers.pop("Retry-After", None)
    if refusal.status == 429:
        limit = RateLimit(seconds_until_allowed(), _EVERYTHING, "project", "too_many_guesses")
        headers[_LIMITS] = rate_limits_header([limit])
    status = 400 if refusal.status == 422 else refusal.status
    return refused(status, refusal.message, headers=headers)
