"""The console's own styles and scripts, at addresses that change when any of them does.

So browsers keep them for good, and a script finds those it imports beside itself, in one version.
They are sent compressed; pages are not, because what is secret in one would show in its size.
"""

import gzip
import hashlib
import mimetypes
from pathlib import Path

from flask import Response, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.blueprints.console.blueprint import blueprint
from app.web.openapi import page

_FOLDER = Path(__file__).parent / "static"
_KEPT_SECONDS = 365 * 24 * 3600


def _version_of(folder: Path) -> str:
    """Of all files together; read once, when the process starts."""
    contents = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        contents.update(file.name.encode() + b"\0" + file.read_bytes())
    return contents.hexdigest()[:12]


VERSION = _version_of(_FOLDER)
# Some 15 kB, in memory from the start of the process; compressing takes it a few milliseconds.
_COMPRESSED = {file.name: gzip.compress(file.read_bytes(), mtime=0) for file in _FOLDER.iterdir()}


@blueprint.get("/assets/<version>/<name>")
@page
def read_asset(version: str, name: str) -> ResponseReturnValue:
    """A style or script; an old page's version gets the present file, to be kept by nobody."""
    response = _compressed(name) if _takes_gzip() else send_from_directory(_FOLDER, name)
    response.vary.add("Accept-Encoding")
    if version == VERSION:
        response.headers["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}, immutable"
    return response


def _takes_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0


def _compressed(name: str) -> Response:
    """Raises NotFound."""
    if name not in _COMPRESSED:
        raise NotFound
    response = Response(_COMPRESSED[name], mimetype=mimetypes.guess_type(name)[0])
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "no-cache"
    # Another one than that of the plain file: it stands for these very bytes.
    response.set_etag(f"{VERSION}-gzip")
    response.make_conditional(request)
    return response


def asset(name: str) -> str:
    """The address of one, for templates."""
    return url_for("console.read_asset", version=VERSION, name=name)
