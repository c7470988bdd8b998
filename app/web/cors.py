"""Lets pages of any origin post here, on every answer, errors included (contract section 3.1).

`sendBeacon` sends credentials, and browsers then refuse `Access-Control-Allow-Origin: *`: feedback
would still work and every event and session flip would be lost in silence. "Here" is where a plugin
says so: it publishes its blueprint in its `init_app`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Flask, Request, Response, current_app
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.current import this_app, this_request

_PREFLIGHT_SECONDS = 7200  # the longest that Chromium honours

_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # a token of RFC 9110, 5.6.2
_MAX_NAMES = 40


@dataclass(frozen=True)
class CorsRules:
    """What pages may send to a blueprint's paths, and read of the answers.

    `own` are the headers that its own SDKs send; whatever else a page asks for is allowed, too.
    """

    methods: str = "POST, OPTIONS"
    own: tuple[str, ...] = ("Content-Type", "X-Pionne-Token")
    exposed: str = (
        "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id"
    )


_PIONNE = CorsRules()
_Near = Callable[[str], bool]


def init_cors(app: Flask) -> None:
    app.extensions["public_endpoints"] = {}
    app.extensions["nearly_public"] = []
    app.after_request(_allow_origin)


def publish(
    app: Flask,
    blueprint: Blueprint,
    *,
    is_near: _Near | None = None,
    rules: CorsRules = _PIONNE,
) -> None:
    """Let pages of any origin read what the blueprint's paths answer; for a plugin's `init_app`.

    `is_near` knows addresses that no view has, and that were meant for this blueprint.
    """
    app.extensions["public_endpoints"][blueprint.name] = rules
    if is_near is not None:
        app.extensions["nearly_public"].append((is_near, rules))


def _allow_origin(response: Response) -> Response:
    asked = this_request()
    if (rules := _rules(asked, this_app().extensions["public_endpoints"])) is not None:
        _add_headers(asked, response, rules)
    return response


def preflight() -> Response:
    """Answers OPTIONS before any authentication or counting; the headers come later."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def allowed_headers(asked: str, own: tuple[str, ...] = _PIONNE.own) -> str:
    """Those of the SDKs, and what else was asked for: a page's tracing adds `baggage` or
    `traceparent` to each request, and one name that is not allowed costs all of it."""
    names = {name.lower(): name for name in own}
    for name in (part.strip(" \t") for part in asked.split(",")):
        if len(names) < _MAX_NAMES and _FIELD_NAME.fullmatch(name):
            names.setdefault(name.lower(), name)
    return ", ".join(names.values())


def _rules(asked: Request, public: Mapping[str, CorsRules]) -> CorsRules | None:
    """Those of the published blueprint whose address it is, also when its method was wrong."""
    if asked.url_rule is not None:
        return public.get(asked.url_rule.endpoint.partition(".")[0])
    refusal = asked.routing_exception
    if not isinstance(refusal, MethodNotAllowed):
        near: list[tuple[_Near, CorsRules]] = this_app().extensions["nearly_public"]
        return next((rules for is_near, rules in near if is_near(asked.path)), None)
    # With other methods it may be one blueprint's, with some another's.
    endpoints = (_endpoint(asked, method) for method in refusal.valid_methods or ())
    found = (public.get(endpoint.partition(".")[0]) for endpoint in endpoints)
    return next((rules for rules in found if rules is not None), None)


def _endpoint(asked: Request, method: str) -> str:
    """Of the address with this method; "" where there is none."""
    try:
        adapter = current_app.create_url_adapter(asked)
        return str(adapter.match(method=method)[0]) if adapter else ""
    except HTTPException:
        return ""


def _add_headers(asked: Request, response: Response, rules: CorsRules) -> None:
    if "Vary" in response.headers:
        response.vary.add("Origin")
    else:  # as nearly always, for a tenth of the cost
        response.headers.add("Vary", "Origin")
    if origin := asked.headers.get("Origin"):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = rules.exposed
        if asked.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = rules.methods
            response.headers["Access-Control-Allow-Headers"] = allowed_headers(
                asked.headers.get("Access-Control-Request-Headers", ""), rules.own
            )
            response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
