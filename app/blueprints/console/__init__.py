"""The built-in web pages: first run, triage, projects, the account; all work without scripts."""

from flask import Flask

from app.blueprints.console import assets, home_routes, words
from app.blueprints.console.account import (
    account_routes,
    join_routes,
    login_routes,
    register_routes,
    two_factor_routes,
)
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.browser_session import init_browser_session
from app.blueprints.console.error_pages import is_mistyped_page, show_mistyped, show_refusal
from app.blueprints.console.feedback import (
    feedback_routes,
    inbox_routes,
    triage_routes,
    version_routes,
)
from app.blueprints.console.issues import merge_routes
from app.blueprints.console.issues import routes as issue_routes
from app.blueprints.console.people import routes as person_routes
from app.blueprints.console.projects import (
    audit_routes,
    dsn_routes,
    member_routes,
    project_routes,
    settings_routes,
    token_routes,
)
from app.blueprints.console.releases import choice_routes, crash_routes
from app.blueprints.console.releases import routes as release_routes
from app.web.errors import claim_refusals, refuse_with

refuse_with(blueprint, show_refusal)


def init_app(app: Flask) -> None:
    init_browser_session(app, app.config["PIONNE"], owner=blueprint)
    claim_refusals(app, is_ours=is_mistyped_page, show=show_mistyped)


__all__ = [
    "account_routes",
    "assets",
    "audit_routes",
    "blueprint",
    "choice_routes",
    "crash_routes",
    "dsn_routes",
    "feedback_routes",
    "home_routes",
    "inbox_routes",
    "init_app",
    "issue_routes",
    "merge_routes",
    "join_routes",
    "login_routes",
    "member_routes",
    "person_routes",
    "project_routes",
    "register_routes",
    "release_routes",
    "settings_routes",
    "token_routes",
    "triage_routes",
    "two_factor_routes",
    "version_routes",
    "words",
]
