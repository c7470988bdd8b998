"""The document, and a page to read it: the packaged viewer's files, nothing from elsewhere."""

from pathlib import Path
from typing import Any

from flask import current_app, render_template, send_from_directory
from flask.typing import ResponseReturnValue
from swagger_ui_bundle import swagger_ui_path
from werkzeug.exceptions import NotFound

from app.blueprints.documentation.blueprint import blueprint
from app.blueprints.documentation.description import PUBLIC_VERSION, VIEWER_VERSION, describe
from app.blueprints.documentation.schemas import DescriptionSchema
from app.openapi import Credentials, documented, page

# Scripts and styles from here only, none inside the page; the viewer's icons are data: URLs.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_OURS = Path(__file__).parent / "static"
# By name: the package's folder also holds pages that we do not serve.
_FILES = {
    "show.js": _OURS,
    "swagger-ui.css": Path(str(swagger_ui_path)),
    "swagger-ui-bundle.js": Path(str(swagger_ui_path)),
    "favicon-32x32.png": Path(str(swagger_ui_path)),
}


@blueprint.get("/openapi.json")
@documented(answers={200: DescriptionSchema}, credentials=Credentials.ANYBODY)
def read_description() -> ResponseReturnValue:
    """Show this document: OpenAPI 3.1 of all that is switched on."""
    return _description(PUBLIC_VERSION)


@blueprint.get("/docs")
@page
def read_docs() -> ResponseReturnValue:
    """The document as a page."""
    return render_template("documentation/docs.html"), {"Content-Security-Policy": _PAGE_POLICY}


@blueprint.get("/docs/openapi-3.0.json")
@page
def read_description_for_viewer() -> ResponseReturnValue:
    """The same for the packaged viewer, which reads OpenAPI up to 3.0."""
    return _description(VIEWER_VERSION)


@blueprint.get("/docs/<name>")
@page
def read_docs_file(name: str) -> ResponseReturnValue:
    """A script, style or icon of the page."""
    if name not in _FILES:
        raise NotFound("The page has no such file.")
    return send_from_directory(_FILES[name], name)


def _description(version: str) -> dict[str, Any]:
    """Made once for each app: what it depends on is fixed when the app serves."""
    made: dict[str, Any] = current_app.extensions.setdefault("openapi", {})
    if version not in made:
        made[version] = describe(current_app, openapi_version=version)
    return dict(made[version])
