"""The audit of a project, told in sentences."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.paging import cursor
from app.blueprints.console.projects.audit_words import deed_in_words
from app.domain.roles import Role
from app.services import audit
from app.web.openapi import page

_PAGE_ROWS = 50


@blueprint.get("/projects/<project>/audit")
@page
def read_audit(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.VIEWER, project)
    before = cursor()
    shown = audit.list_page(project_id, limit=_PAGE_ROWS, before=before)
    older = shown.next_before and url_for(".read_audit", project=project, before=shown.next_before)
    return render_template(
        "console/audit.html",
        deeds=[(row, deed_in_words(row)) for row in shown.rows],
        older=older,
        is_first=before is None,
    )
