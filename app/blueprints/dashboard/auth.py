"""Whose request it is, and that a project is theirs."""

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from app.incoming import row_id
from app.services import accounts, projects


def identify_account() -> None:
    """Sets g.account_id from `Authorization: Bearer <id>|<secret>`; raises Unauthorized."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    account_id = accounts.authenticate(token.strip()) if scheme.lower() == "bearer" else None
    if account_id is None:
        raise Unauthorized("Unauthenticated.", www_authenticate=WWWAuthenticate("bearer"))
    g.account_id = account_id


def own_project(project: str) -> int:
    """The project id of a path; another tenant's project does not exist (404)."""
    project_id = row_id(project)
    projects.require_owned(project_id, account_id=g.account_id)
    g.project_id = project_id
    return project_id
