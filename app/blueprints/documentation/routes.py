"""The document, and a page to read it that needs no script and nothing from elsewhere."""

from pathlib import Path
from typing import Any

from flask import current_app, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from app.blueprints.documentation.blueprint import blueprint
from app.blueprints.documentation.description import PUBLIC_VERSION, describe
from app.blueprints.documentation.reading import reading
from app.blueprints.documentation.schemas import DescriptionSchema
from app.web.openapi import Credentials, documented, page

# A style of ours, and no script at all.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


@blueprint.get("/openapi.json")
@documented(answers={200: DescriptionSchema}, credentials=Credentials.ANYBODY)
def read_description() -> ResponseReturnValue:
    """Show this document: OpenAPI 3.1 of all that is switched on."""
    return _description()


@blueprint.get("/docs")
@page
def read_docs() -> ResponseReturnValue:
    """The document as a page."""
    shown = render_template("documentation/docs.html", **reading(_description()))
    return shown, {"Content-Security-Policy": _PAGE_POLICY}


@blueprint.get("/docs/docs.css")
@page
def read_docs_style() -> ResponseReturnValue:
    """How the page looks."""
    return send_from_directory(Path(__file__).parent / "static", "docs.css")


def _description() -> dict[str, Any]:
    """Made once for each app, but for its address: what else it depends on is fixed by then."""
    made: dict[str, Any] = current_app.extensions.get("openapi") or describe(
        current_app, openapi_version=PUBLIC_VERSION
    )
    current_app.extensions["openapi"] = made
    return {**made, "servers": [{"url": request.url_root.rstrip("/")}]}
