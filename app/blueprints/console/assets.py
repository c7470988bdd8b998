"""The console's own styles and scripts, at addresses that change when any of them does.

So browsers keep them for good, and a script finds those it imports beside itself, in one version.
"""

import hashlib
from pathlib import Path

from flask import send_from_directory, url_for
from flask.typing import ResponseReturnValue

from app.blueprints.console.blueprint import blueprint
from app.openapi import page

_FOLDER = Path(__file__).parent / "static"
_KEPT_SECONDS = 365 * 24 * 3600


def _version_of(folder: Path) -> str:
    """Of all files together; read once, when the process starts."""
    contents = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        contents.update(file.name.encode() + b"\0" + file.read_bytes())
    return contents.hexdigest()[:12]


VERSION = _version_of(_FOLDER)


@blueprint.get("/assets/<version>/<name>")
@page
def read_asset(version: str, name: str) -> ResponseReturnValue:
    """A style or script; an old page's version gets the present file, to be kept by nobody."""
    response = send_from_directory(_FOLDER, name)
    if version == VERSION:
        response.headers["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}, immutable"
    return response


def asset(name: str) -> str:
    """The address of one, for templates."""
    return url_for("console.read_asset", version=VERSION, name=name)
