"""The inbox: what users of the app said, newest first."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.paging import cursor
from app.domain.roles import Role
from app.openapi import page
from app.services import triage

_PAGE_ROWS = 50


@blueprint.get("/projects/<project>/inbox")
@page
def read_inbox(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.VIEWER, project)
    before = cursor()
    shown = triage.list_page(project_id, limit=_PAGE_ROWS, before=before)
    older = shown.next_before and url_for(".read_inbox", project=project, before=shown.next_before)
    return render_template("console/inbox.html", rows=shown.rows, older=older, is_first=not before)
