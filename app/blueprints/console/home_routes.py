"""The way in."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.blueprints.console.blueprint import blueprint
from app.extensions import now
from app.services.pages import project_summaries
from app.web.openapi import page


# Not OPTIONS: SDKs whose endpoint is the bare host post here, and browsers ask the ingest first.
@blueprint.get("/", provide_automatic_options=False)
@page
def read_home() -> ResponseReturnValue:
    """Straight to the inbox of whoever has one project; most have."""
    projects = project_summaries.list_of_account(current_user.account_id, now=now())
    if not projects:
        return redirect(url_for(".create_project"))
    if len(projects) == 1:
        return redirect(url_for(".read_inbox", project=projects[0].id))
    return redirect(url_for(".list_projects"))
