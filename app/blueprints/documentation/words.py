"""What the document says of all routes alike: how they behave, who may call, how they refuse."""

from app.web.openapi import Credentials

ABOUT = """\
User feedback, crashes and release health, as JSON. A slash at an address's end is tolerated.

- Bodies are read as JSON whatever their Content-Type; unknown fields are ignored. Text is trimmed
  before its length counts, and in an optional field null and a blank string mean absent. NUL
  characters and lone surrogates are refused.
- Routes that take a user token refuse a query parameter that they do not know, or that is given
  twice, with 422; the others ignore what they do not know.
- A method that an address does not take is 405 and an unknown address 404, in the shape of `Error`.
- A request that asks for what the server does not do is 417 (`Expect`) or 501 (transfer codings),
  in that shape, too.
- Where a `Link` header with `rel="next"` comes back, it leads to the next page.
"""
SCHEMES: dict[str, dict[str, str]] = {
    "ProjectToken": {"type": "apiKey", "in": "header", "name": "X-Pionne-Token"},
    "ProjectTokenInQuery": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "For `navigator.sendBeacon`, which sets no header; the header wins.",
    },
    "UserToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "`<id>|<secret>`, as a registration, a login or `POST /api/auth/tokens`"
        " answers it. API tokens that are read-only may only GET and HEAD (403), and expired ones"
        " are told so (401).",
    },
}
SECURITY: dict[Credentials, list[dict[str, list[str]]]] = {
    Credentials.ANYBODY: [],
    Credentials.PROJECT_TOKEN: [{"ProjectToken": []}, {"ProjectTokenInQuery": []}],
    Credentials.USER_TOKEN: [{"UserToken": []}],
}
# Where a request cannot be read or is too long, the server answers before any route does.
BEFORE_ROUTES = (400, 414, 431)
REFUSALS = {
    400: "The request cannot be read; check its first line, headers and length.",
    401: "The token is missing, not known, or has expired.",
    403: "This is not allowed; the message says what is needed.",
    404: "There is no such thing here, or it is not yours.",
    405: "The address does not take this method.",
    413: "The body is too large.",
    414: "The address and its query are too long.",
    422: "What was sent cannot be used; `errors` says why, by field.",
    429: "Too many requests; `Retry-After` says when to come back.",
    431: "The headers are too large.",
    500: "The server failed; `X-Request-Id` finds it in the log.",
    503: "The database fails, or too many log in; `message` says why, `Retry-After` when to come.",
}
