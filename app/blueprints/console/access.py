"""Whether whoever is logged in may do what a page does in the project that its path names.

Every view about a project begins with `project_for`; there is no other check. The test of pages and
roles fails for a page that is not listed in it, so none can be forgotten.
"""

from flask import g
from flask_login import current_user

from app.domain.roles import Role
from app.services.projects import members
from app.web.incoming import row_id


def project_for(needed: Role, project: str) -> int:
    """The project id of a path; sets g.project_id, and g.admission for the page around it.

    Raises NotFound where the account is no member, as for a project that does not exist, and
    Forbidden where it is one whose role does not suffice.
    """
    project_id = row_id(project)
    g.admission = members.admit(project_id, account_id=current_user.account_id, needed=needed)
    g.project_id = project_id
    return project_id


def may(needed: Role) -> bool:
    """Whether the page that is being made may offer what needs the role."""
    role: Role = g.admission.role
    return role.may_act_as(needed)
