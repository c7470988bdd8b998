"""Requests of real SDKs, as they came: the body compressed again as its header says."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.domain.sentry.compressed import FORMS
from tests.sentry.vectors import Request

_FOLDER = Path(__file__).with_name("samples")
_COMPRESS = {encoding: compress for (encoding, _), compress in FORMS.items()}


@dataclass(frozen=True)
class Sample:
    name: str
    project: int
    request: Request

    @property
    def sdk(self):
        return self.name.split("--")[0]

    @property
    def kinds(self):
        return self.name.split("--")[1].split("+")

    def __str__(self):
        return self.name


def load():
    return [_sample(file) for file in sorted(_FOLDER.glob("*.body"))]


def _sample(file):
    told = json.loads(file.with_suffix(".request.json").read_text(encoding="utf-8"))
    headers = dict(told["headers"])
    encodings = [value for name, value in headers.items() if name.lower() == "content-encoding"]
    body = file.read_bytes()
    if encodings and encodings[0]:
        # Nothing packs deflate without zlib around it.
        encoding = encodings[0]
        body = (FORMS["deflate", "zlib"] if encoding == "deflate" else _COMPRESS[encoding])(body)
    path = told["path"]
    if path == "/tunnel":  # what stands behind it sends on to where the DSN in the body says
        project = urlsplit(json.loads(body.split(b"\n")[0])["dsn"]).path
        path = f"/api{project}/envelope/"
    request = Request(told["method"], path, headers, body)
    return Sample(file.stem, int(path.split("/")[2]), request)
