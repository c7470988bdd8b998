"""That a project is the account's own."""

from flask import g

from app.incoming import row_id
from app.services import projects


def own_project(project: str) -> int:
    """The project id of a path; another tenant's project does not exist (404)."""
    project_id = row_id(project)
    projects.require_owned(project_id, account_id=g.account_id)
    g.project_id = project_id
    return project_id
