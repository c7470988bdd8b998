"""Pages of all environments and of all releases to compare with, where a form has no room for them.

The one used last stands first. What a page was narrowed to travels along.
"""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.choices import form_values
from app.blueprints.console.releases.routes import read_filters
from app.domain.release_cursor import read_release_cursor, write_release_cursor
from app.domain.roles import Role
from app.domain.search_text import folded
from app.services.releases import health
from app.services.releases import overview as release_overview
from app.web.openapi import page

# Of a page, which may have 100 kB in all; a row has a name, and an address with the name and with
# what travels along.
_MOST_BYTES = 65_000
_MOST_BYTES_OF_A_NAME = 2500
_SEARCH_MAX_CHARS = 100


@blueprint.get("/projects/<project>/releases/environments")
@page
def list_environments(project: str) -> ResponseReturnValue:
    """`?q=` narrows them, `?after=` is how many were shown before. With `?name=`, they lead to the
    page of that release."""
    project_id, filters, values = project_for(Role.VIEWER, project), read_filters(), form_values()
    words = values.get("q", "")[:_SEARCH_MAX_CHARS]
    kept: dict[str, Any] = {key: values[key] for key in ("name", "against") if values.get(key)}
    kept |= {"days": str(filters.days)}
    found = [
        name
        for name in release_overview.environments_of(project_id)
        if folded(words) in folded(name)
    ]
    shown_before = _count(values.get("after", ""))
    target = ".read_release" if "name" in kept else ".list_releases"
    end = shown_before + _rows_beside(url_for(target, project=project_id, **kept))
    choices = [
        (name, url_for(target, project=project_id, **{**kept, "environment": name}))
        for name in found[shown_before:end]
    ]
    here: dict[str, Any] = {"project": project_id, **kept, **({"q": words} if words else {})}
    return render_template(
        "console/choices.html",
        heading="Environments",
        tab="Releases",
        choices=choices,
        count=len(found),
        words=words,
        kept=kept,
        back=url_for(target, project=project_id, **kept),
        older=url_for(".list_environments", **here, after=end) if len(found) > end else None,
        first=url_for(".list_environments", **here) if shown_before else None,
    )


@blueprint.get("/projects/<project>/releases/others")
@page
def list_others(project: str) -> ResponseReturnValue:
    """Releases with sessions in the window, to compare the release `?name=` with."""
    project_id, filters, values = project_for(Role.VIEWER, project), read_filters(), form_values()
    name = values.get("name", "")
    before = read_release_cursor(values.get("before", ""))
    kept: dict[str, Any] = {"project": project_id, "name": name, **filters.query}
    limit = _rows_beside(url_for(".read_release", **kept))
    shown = health.list_page(project_id, filters.window, limit=limit, before=before)
    choices = [
        (row.release, url_for(".read_release", **kept, against=row.release))
        for row in shown.rows
        if row.release != name
    ]
    cursor = shown.next_before and write_release_cursor(shown.next_before)
    return render_template(
        "console/choices.html",
        heading="Releases to compare with",
        tab="Releases",
        choices=choices,
        back=url_for(".read_release", **kept),
        older=url_for(".list_others", **kept, before=cursor) if cursor else None,
        first=url_for(".list_others", **kept) if before else None,
    )


def _rows_beside(address: str) -> int:
    """How many rows of a page have room, each with such an address."""
    return _MOST_BYTES // (_MOST_BYTES_OF_A_NAME + len(address))


def _count(text: str) -> int:
    """What cannot be one is none: an address that was cut shows the first page."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
