"""The page of all app versions that feedback came with, for a form that has no room for them."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.feedback.inbox_query import SEARCH_MAX_CHARS
from app.blueprints.console.paging import cursor
from app.domain.roles import Role
from app.services.feedback import versions
from app.web.incoming import query_values
from app.web.openapi import page

_PAGE_ROWS = 100


@blueprint.get("/projects/<project>/inbox/versions")
@page
def list_versions(project: str) -> ResponseReturnValue:
    """`?q=` narrows them; each leads to the feedback that came with it."""
    project_id, before = project_for(Role.VIEWER, project), cursor()
    words = query_values().get("q", "")[:SEARCH_MAX_CHARS]
    shown = versions.list_page(project_id, limit=_PAGE_ROWS, before=before, words=words)
    here: dict[str, Any] = {"project": project_id, **({"q": words} if words else {})}
    older = shown.next_before
    return render_template(
        "console/choices.html",
        heading="App versions",
        tab="Inbox",
        choices=[
            (name, url_for(".read_inbox", project=project_id, tab="all", version=name))
            for name in shown.versions
        ],
        words=words,
        kept={},
        back=url_for(".read_inbox", project=project_id),
        older=url_for(".list_versions", **here, before=older) if older else None,
        first=url_for(".list_versions", **here) if before else None,
    )
