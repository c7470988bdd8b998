"""Reads the vectors of the contract, and makes requests of them.

Whatever runs them, the pure part or a server, asks here for its requests: with its own project and
keys in place of the placeholders, and the time that its clock shows.
"""

import base64
import gzip
import json
import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from tests.domain.sentry.compressed import brotli, zstd

_FILE = Path(__file__).with_name("vectors.json")
_PLACEHOLDER = re.compile(r"\{(?P<name>[A-Z]+\d*)(?:-(?P<ago>\d+))?(?::(?P<form>[A-Z_]+))?\}")
_IDS = UUID("5f1b6f6e-0d3c-4c5e-9a53-4c1f0d1c2b3a")
_FORMS = {
    "HEX": lambda id_: id_.hex,
    "UPPER": lambda id_: str(id_).upper(),
    "DASHED_UPPER": lambda id_: str(id_).upper(),
}
_COMPRESSED = {
    "gzip": ("gzip", gzip.compress),
    "gzip-truncated": ("gzip", lambda body: gzip.compress(body)[:-20]),
    "deflate": ("deflate", zlib.compress),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
}
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    is_chunked: bool = False
    has_content_type: bool = True


@dataclass(frozen=True)
class Place:
    """Where the vectors are sent: a project, another one, and what the clock shows there."""

    now: datetime
    project: int = 1
    key: str = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
    token: str = "pio_live_abcdef"
    other_project: int = 2
    other_key: str = "b" * 32
    base: str = "localhost:8000"
    seed: str = field(default="", kw_only=True)

    def expanded(self, text, *, number=0):
        """`number` is that of the repetition, for `{N}` and the ids that end in N."""

        def value(found):
            name, ago, form = found["name"], found["ago"], found["form"]
            if name in self._names:
                return str(self._names[name])
            if name == "N":
                return str(number)
            if name == "NOW":
                return _written(self.now - timedelta(seconds=int(ago or 0)), form)
            if name == "TS":
                return repr(self.now.timestamp())
            id_ = uuid5(_IDS, f"{self.seed} {name.replace('N', f'N{number}')}")
            return _FORMS[form](id_) if form else (id_.hex if name[0] in "EF" else str(id_))

        # With its quotes it is a number.
        text = text.replace('"{TS}"', "{TS}")
        return _PLACEHOLDER.sub(value, text)

    def all_expanded(self, value, *, number=0):
        if isinstance(value, str):
            return self.expanded(value, number=number)
        if isinstance(value, list):
            return [self.all_expanded(each, number=number) for each in value]
        if isinstance(value, dict):
            return {
                self.expanded(key, number=number): self.all_expanded(each, number=number)
                for key, each in value.items()
            }
        return value

    @property
    def _names(self):
        return {
            "P": self.project,
            "K": self.key,
            "T": self.token,
            "Q": self.other_project,
            "KQ": self.other_key,
            "BASE": self.base,
        }

    def request(self, told, *, number=0):
        """Of a step's `request`."""
        headers = dict(self.all_expanded(told["headers"], number=number))
        body = self._body(told, number)
        if told.get("encoding"):
            headers["Content-Encoding"], compress = _COMPRESSED[told["encoding"]]
            body = compress(body)
        return Request(
            method=told["method"],
            path=self.expanded(told["path"], number=number),
            headers=headers,
            body=body,
            is_chunked=bool(told.get("chunked")),
            has_content_type=not told.get("no_content_type"),
        )

    def _body(self, told, number):
        if "envelope" in told:
            return self._envelope(told["envelope"], number)
        generator, _, argument = told.get("body_generator", "").partition(":")
        if generator == "gzip_zeros":
            return gzip.compress(bytes(int(argument)))
        body = self.expanded(told["body"], number=number).encode()
        return base64.b64encode(zlib.compress(body)) if generator == "base64_zlib" else body

    def _envelope(self, told, number):
        lines = [_compact(self.all_expanded(told["headers"], number=number))]
        for item in told["items"]:
            payload = self._payload(item["payload"], number)
            header = self.all_expanded(item["header"], number=number)
            if header.get("length") == "auto":
                header["length"] = len(payload)
            lines += [_compact(header), payload]
        return b"\n".join(lines) + (b"\n" if told.get("trailing_newline") else b"")

    def _payload(self, payload, number):
        if payload.startswith("b64:"):
            return base64.b64decode(payload[4:])
        if payload.startswith("generate:png:"):
            return _PNG.ljust(int(payload.rpartition(":")[2]), b"x")
        return self.expanded(payload, number=number).encode()


def load():
    """By id."""
    vectors = json.loads(_FILE.read_text(encoding="utf-8"))["vectors"]
    return {vector["id"]: vector for vector in vectors}


def check_answer(expect, *, status, headers, body):
    """`headers` in any case; `body` in bytes."""
    headers = {name.lower(): value for name, value in headers.items()}
    assert status == expect["status"], body
    if "json" in expect:
        told = json.loads(body)
        # Of an answer that must be empty, nothing else may be told.
        assert (told if not expect["json"] else {k: told.get(k) for k in expect["json"]}) == (
            expect["json"]
        )
    for name in expect.get("json_has", ()):
        assert name in json.loads(body)
    for name in expect.get("header_has", ()):
        assert headers.get(name.lower())
    for name, value in expect.get("headers", {}).items():
        assert headers.get(name.lower()) == value
    for name, values in expect.get("header_contains", {}).items():
        listed = [part.strip().lower() for part in headers.get(name.lower(), "").split(",")]
        assert {value.lower() for value in values} <= set(listed)
    for name, pattern in expect.get("header_matches", {}).items():
        assert re.search(pattern, headers.get(name.lower(), ""))
    for name, values in expect.get("header_lacks", {}).items():
        listed = re.split(r"[;:,\s]+", headers.get(name.lower(), ""))
        assert not set(values) & set(listed)
    if "content_type" in expect:
        assert headers.get("content-type", "").partition(";")[0] == expect["content_type"]
    for part in expect.get("body_contains", ()):
        assert part in body.decode()
    for part in expect.get("body_lacks", ()):
        assert part not in body.decode()


def _compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def _written(moment, form):
    if form == "MINUTE":
        moment = moment.replace(second=0, microsecond=0)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
