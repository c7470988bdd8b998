"""The cookie of a browser, and who it says is logged in.

The cookie is signed with a key derived from APP_KEY and holds the browser's user token, which the
database is asked about each time. It means nothing to any other blueprint: no other one reads it,
and none of their answers sets or varies by it.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    current_app,
    redirect,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_user
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException

from app.blueprints.console.account.known_device import remember_device
from app.config import Settings
from app.domain.browser_words import browser_in_words
from app.extensions import now
from app.services.accounts import console_sessions, registration
from app.services.accounts.console_sessions import ConsoleSession
from app.services.accounts.user_tokens import CONSOLE_LIFETIME, browser_client
from app.web.guesses import remember_client

_PURPOSE_OF_KEY = b"pionne-feedback console cookie 1"

csrf = CSRFProtect()
login_manager = LoginManager()
# It would compare addresses and browsers; those of phones change all day.
login_manager.session_protection = None


class ConsoleUser(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """Whoever uses this browser; `current_user` in views and templates."""

    def __init__(self, logged_in: ConsoleSession) -> None:
        self.account_id = logged_in.account_id
        self.token_id = logged_in.token_id
        self.email = logged_in.email
        self.name = logged_in.name
        self._token = logged_in.token

    def get_id(self) -> str:
        return self._token


class ConsoleCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, for the console, and for pages of plugins that write into it.

    Over https its name has the prefix that browsers accept from this very host alone (RFC 6265bis,
    section 4.1.3.2).
    """

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self, *, owner: Blueprint) -> None:
        self._owner = owner.name

    def get_cookie_name(self, app: Flask) -> str:
        return "__Host-pionne" if request.is_secure else "pionne"

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        # SDKs send no cookie; the machinery to read one costs more than their whole routing.
        if app.secret_key and "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        # Flask's own works out name and domain of the cookie for every answer, also to SDKs.
        if session.modified or request.blueprint == self._owner:
            super().save_session(app, session, response)


def init_browser_session(app: Flask, settings: Settings, *, owner: Blueprint) -> None:
    if settings.app_key:  # without one nothing is served; commands need no cookies
        app.secret_key = hmac.digest(settings.app_key.encode(), _PURPOSE_OF_KEY, hashlib.sha256)
    app.session_interface = ConsoleCookie(owner=owner)
    app.config.update(
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=CONSOLE_LIFETIME,
        # By the console's own before_request: the rest of the app takes posts from anywhere.
        WTF_CSRF_CHECK_DEFAULT=False,
        # As long as the cookie; an hour would punish whoever reads before they type.
        WTF_CSRF_TIME_LIMIT=None,
        # Wants a Referer, which privacy tools take out. The blueprint asks for the origin instead.
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)
    # Not `init_app`, which also looks for a remember-me cookie after each request: there is none.
    app.login_manager = login_manager  # type: ignore[attr-defined]


@login_manager.user_loader  # type: ignore[untyped-decorator]
def find_user(token: str) -> ConsoleUser | None:
    logged_in = console_sessions.find(token, now=now())
    return ConsoleUser(logged_in) if logged_in else None


def ask_to_log_in() -> ResponseReturnValue:
    """Where to log in, and from there back to the page; on a fresh instance, to register.

    From what only takes posts, back to the page that it was posted from; `lost` has the login page
    say that nothing came of it.
    """
    if registration.is_first_run():
        return redirect(url_for(".register"))
    is_reading = request.method in ("GET", "HEAD")
    wanted = request.full_path.rstrip("?") if is_reading else _page_posted_from()
    return redirect(
        url_for(
            ".log_in",
            next=None if wanted == "/" else wanted,
            lost=None if is_reading else 1,
        )
    )


def _page_posted_from() -> str | None:
    """By the Referer, which privacy tools take out; then the address itself, if it can be read."""
    left = urlsplit(request.referrer or "")
    if left.netloc == request.host and is_own_page(left.path) and _is_readable(left.path):
        return f"{left.path}?{left.query}" if left.query else left.path
    return request.full_path.rstrip("?") if _is_readable(request.path) else None


def _is_readable(path: str) -> bool:
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return str(endpoint).rpartition(".")[0] == request.blueprint


def client_name() -> str:
    """What the token of this browser is called; its User-Agent itself is not kept."""
    return browser_client(browser_in_words(request.user_agent.string))


def begin_session(token: str) -> None:
    """The browser is logged in from this answer on, in a session that nobody else knew before."""
    user = find_user(token)
    session.clear()
    session.permanent = True
    login_user(user)
    remember_client(user.email)
    remember_device(user.email)
    session.pop("_id", None)  # a hash of address and browser, which we have no use for


def is_own_page(path: str) -> bool:
    """Whether a redirect to it stays here: what starts with two slashes names another host."""
    starts_well = path.startswith("/") and not path.startswith(("//", "/\\"))
    return starts_well and path.isprintable() and "\\" not in path
