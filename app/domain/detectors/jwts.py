"""Finds JSON Web Tokens (RFC 7519), signed (RFC 7515) or encrypted (RFC 7516).

A token is three or five base64url parts with dots between them, of which the first is the header: a
JSON object with `alg`. That alone tells it from words such as `surveyJson.pages.length`. The token
may be glued to other text (`jwt=…;`, `xeyJ…`), so its header may begin anywhere in a part; each
other part may be empty.
"""

import json
import re
from binascii import a2b_base64

from app.domain.detectors.escapes import Reading

_TOKEN_CHARACTERS = re.compile(r"[A-Za-z0-9_.-]++")
# How base64url writes `{` and what JSON allows behind it: a quotation mark or white space.
_HEADER_START = re.compile(r"e(?:y[A-DI-L]|w[k-r0-3])")
_TO_BASE64 = bytes.maketrans(b"-_", b"+/")
_JSON = json.JSONDecoder()
# All that JSON allows in an object with objects and lists two deep in it: nearly every header. It
# says so at a quarter of what reading costs, which is dearest for what is no JSON.
_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"'
_BLANKS = rb"[ \t\n\r]*+"
_SCALAR = (
    rb"%b|-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+"
    rb"|true|false|null|NaN|-?Infinity" % _STRING
)


def _listed(item: bytes, closing: bytes) -> bytes:
    """Items with a comma between two of them, up to what closes the list."""
    return rb"%b(?:%b%b(?:,%b(?!%b)|(?=%b)))*+%b" % (
        *(_BLANKS, item, _BLANKS, _BLANKS, closing, closing, closing),
    )


def _object_of(value: bytes) -> bytes:
    return rb"\{" + _listed(rb"%b%b:%b(?:%b)" % (_STRING, _BLANKS, _BLANKS, value), rb"\}")


def _value_of(value: bytes) -> bytes:
    return rb"%b|\[%b|%b" % (_SCALAR, _listed(rb"(?:%b)" % value, rb"\]"), _object_of(value))


_OBJECT = re.compile(_object_of(_value_of(_value_of(_SCALAR))) + _BLANKS)
_MOST_OPENED = 3  # what opens no more is no deeper
# Python reads no longer integers than of 4,300 digits.
_MATCHED_MAX_BYTES = 4096
_ALG = re.compile(rb'"alg"\s*+:')
# The letters of `alg` in base64, wherever they stand among the groups of three bytes.
_ALG_ENCODED = re.compile("YWxn|hbG|FsZ")
_SIGNED_PARTS, _ENCRYPTED_PARTS = 3, 5
_SHORTEST_HEADER_CHARS = 14  # {"alg":""}
_LONGEST_HEADER_CHARS = 4096  # that is looked for behind much that looks like one
# A part is decoded from so many places where a header might begin. Nobody's token has more behind
# letters that are glued to it; decoding from each would cost the square of a hostile text.
_MAX_STARTS = 8
# Behind so many parts of tokens that are glued to one another, the whole run goes.
_MOST_GLUED_PARTS = 20


def may_hold_jwt(text: str) -> bool:
    return _HEADER_START.search(text) is not None


def jwt_spans(reading: Reading) -> list[tuple[int, int]]:
    """Start and end of each token in what was read, in order, not overlapping."""
    text = reading.text
    if not may_hold_jwt(text):
        return []
    spans: list[tuple[int, int]] = []
    most = reading.most_finds
    headers = _Headers()
    parsed_runs = 0
    for run in _TOKEN_CHARACTERS.finditer(text):
        if (token := run[0]).count(".") >= _SIGNED_PARTS - 1:
            parsed_runs += len(token) > _SHORTEST_HEADER_CHARS
            if parsed_runs > most:  # of what looks like tokens, and is none
                headers.stop_parsing()
            spans += _spans_in_run(token, run.start(), most=most - len(spans), headers=headers)
            if len(spans) >= most:
                break
    return spans


class _Headers(dict[str, tuple[int, int] | None]):
    """By part of one text: where in it a header begins, and how many parts it asks for; None
    without one. Many tokens of a text may have the same."""

    def __init__(self) -> None:
        super().__init__()
        self._parses = True

    def stop_parsing(self) -> None:
        if self._parses:
            self._parses = False
            self.clear()

    def __missing__(self, part: str) -> tuple[int, int] | None:
        header = self[part] = _header(part, parses=self._parses)
        return header


def _spans_in_run(run: str, offset: int, *, most: int, headers: _Headers) -> list[tuple[int, int]]:
    parts = run.split(".")
    spans: list[tuple[int, int]] = []
    position = offset  # of parts[index] in the text
    index = 0
    while index + 2 < len(parts) and len(spans) < most:
        part = parts[index]
        found = headers[part] if len(part) >= _SHORTEST_HEADER_CHARS else None
        if found is None:
            position += len(part) + 1
            index += 1
            continue
        start, count = found
        if len(parts) - index == _ENCRYPTED_PARTS:
            count = _ENCRYPTED_PARTS  # five are five, whatever the header says
        last = min(index + count, len(parts)) - 1
        # Another token may begin in one of this one's parts, and goes along.
        inner = index + 1
        if len(run) - len(part) < _SHORTEST_HEADER_CHARS:
            inner = last + 1  # in none of these
        while inner <= last:
            if inner - index > _MOST_GLUED_PARTS:
                last = len(parts) - 1
                break
            if len(parts[inner]) >= _SHORTEST_HEADER_CHARS and (glued := headers[parts[inner]]):
                last = min(max(last, inner + glued[1] - 1), len(parts) - 1)
            inner += 1
        if last == len(parts) - 1:  # nearly always
            spans.append((position + start, offset + len(run)))
            break
        length = sum(map(len, parts[index : last + 1])) + (last - index)
        spans.append((position + start, position + length))
        position += length + 1
        index = last + 1
    return spans


def _header(part: str, *, parses: bool) -> tuple[int, int] | None:
    if not _ALG_ENCODED.search(part):
        return None
    match = _HEADER_START.search(part)
    tried = 0
    while match:
        if tried >= _MAX_STARTS:
            return _last_resort(part)
        header = _decoded(part[match.start() :])
        if header is not None and _is_header(header, parses=parses):
            return match.start(), _ENCRYPTED_PARTS if b'"enc"' in header else _SIGNED_PARTS
        match = _HEADER_START.search(part, match.end())
        tried += 1
    return None


def _looks_like_header(header: bytes) -> bool:
    return _ALG.search(header) is not None and header.rstrip().endswith(b"}")


def _is_header(header: bytes, *, parses: bool) -> bool:
    if not _looks_like_header(header):
        return False
    if not parses:
        return True
    if len(header) <= _MATCHED_MAX_BYTES and header.isascii():
        objects = header.count(b"{")
        if objects + header.count(b"[") <= _MOST_OPENED:
            if not _OBJECT.fullmatch(header):
                return False
            if objects == 1 and b"\\" not in header:
                return True  # where a colon follows `"alg"`, that is a name
    try:
        return "alg" in _JSON.decode(header.decode())  # it begins with a brace, so it is an object
    except (ValueError, RecursionError):
        return False


def _last_resort(part: str) -> tuple[int, int] | None:
    """A header that begins behind many places that look like one: the last that has `alg`."""
    starts = [
        match.start()
        for match in _HEADER_START.finditer(part, max(0, len(part) - _LONGEST_HEADER_CHARS))
    ]
    for start in starts[: -_MAX_STARTS - 1 : -1]:
        header = _decoded(part[start:])
        if header is not None and _looks_like_header(header):
            return start, _ENCRYPTED_PARTS if b'"enc"' in header else _SIGNED_PARTS
    return None


def _decoded(part: str) -> bytes | None:
    try:
        return a2b_base64(part.encode().translate(_TO_BASE64) + b"==")  # too many do no harm
    except ValueError:
        return None
