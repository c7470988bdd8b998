"""Whether the account may do what a route does in the project that its path names.

Every view about a project begins with `project_for`; there is no other check. The test of routes
and roles fails for a route that is not listed in it, so none can be forgotten.
"""

from flask import g

from app.domain.roles import Role
from app.services.projects import members
from app.web.incoming import row_id


def project_for(needed: Role, project: str) -> int:
    """The project id of a path; sets g.project_id.

    Raises NotFound where the account is no member, as for a project that does not exist, and
    Forbidden where it is one whose role does not suffice.
    """
    project_id = row_id(project)
    members.admit(project_id, account_id=g.account_id, needed=needed)
    g.project_id = project_id
    return project_id


def actor() -> str:
    """What the audit calls whoever asks."""
    return members.email_of(g.account_id)
