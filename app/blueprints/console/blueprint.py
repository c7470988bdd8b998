"""The blueprint itself, and who may pass: a login is asked for unless a page is open to all.

Cookies travel with requests that other sites cause, so a request that changes something must come
from our own pages, twice over: by what the browser says of its origin, and by a token in the form.
"""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, Forbidden

from app.blueprints.console.api_clients import is_api_client, tell_where_api_is
from app.blueprints.console.browser_session import ask_to_log_in, csrf
from app.web.incoming import refuse_large_body

blueprint = Blueprint(
    "console", __name__, template_folder="templates", static_folder=None, cli_group=None
)

# By name, so that a view that is forgotten here is shut, not open.
_OPEN_TO_ALL = {
    "console.read_asset",
    "console.log_in",
    "console.log_in_with_code",
    "console.register",
    "console.join",
}
_READING = {"GET", "HEAD"}
# Scripts and styles from files of ours, none inside a page, and nothing from elsewhere.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@blueprint.before_request
def admit() -> ResponseReturnValue | None:
    """Body limit, then where from, then who."""
    refuse_large_body()
    if request.method == "OPTIONS":  # which methods there are is no secret
        return None
    if request.endpoint not in _OPEN_TO_ALL and is_api_client():
        return tell_where_api_is()
    if request.method not in _READING:
        _refuse_other_origins()
    # Before the form's token, which went with the login: who must log in again is led there.
    if request.endpoint not in _OPEN_TO_ALL and not current_user.is_authenticated:
        return ask_to_log_in()
    if request.method not in _READING:
        _require_form_token()
    return None


@blueprint.after_request
def guard_page(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
    # With `no-referrer`, as everywhere else, browsers would call the origin of our own forms null.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def _require_form_token() -> None:
    """Raises BadRequest, in words for somebody whose page was open for long."""
    try:
        csrf.protect()
    except CSRFError:
        raise BadRequest(
            "The page was open for too long, or you logged in again meanwhile. Go back, load it"
            " again, and repeat what you did; nothing was saved."
        ) from None


def _refuse_other_origins() -> None:
    """Raises Forbidden for what another site caused.

    Browsers tell it in Sec-Fetch-Site, over https and from localhost; else by the Origin. What
    tells neither is no browser of today, and needs the form's token all the same.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_ours = site == "same-origin" if site else origin in (None, request.host_url.rstrip("/"))
    if not is_ours:
        raise Forbidden("This request came from another site, so nothing was done.")
