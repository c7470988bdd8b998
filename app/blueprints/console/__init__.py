"""The built-in web pages: first run, triage, projects, the account; all work without scripts."""

from flask import Flask

from app.blueprints.console import (
    account_routes,
    assets,
    audit_routes,
    feedback_routes,
    home_routes,
    inbox_routes,
    issue_routes,
    join_routes,
    login_routes,
    people_routes,
    person_routes,
    project_routes,
    register_routes,
    release_routes,
    settings_routes,
    token_routes,
    triage_routes,
    two_factor_routes,
    words,
)
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.browser_session import init_browser_session
from app.blueprints.console.error_pages import is_mistyped_page, show_mistyped, show_refusal
from app.errors import claim_refusals, refuse_with

refuse_with(blueprint, show_refusal)


def init_app(app: Flask) -> None:
    init_browser_session(app, app.config["PIONNE"])
    claim_refusals(app, is_ours=is_mistyped_page, show=show_mistyped)


__all__ = [
    "account_routes",
    "assets",
    "audit_routes",
    "blueprint",
    "feedback_routes",
    "home_routes",
    "inbox_routes",
    "init_app",
    "issue_routes",
    "join_routes",
    "login_routes",
    "people_routes",
    "person_routes",
    "project_routes",
    "register_routes",
    "release_routes",
    "settings_routes",
    "token_routes",
    "triage_routes",
    "two_factor_routes",
    "words",
]
