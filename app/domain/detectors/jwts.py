"""Finds JSON Web Tokens: `eyJ…` in three dot-separated base64url parts (RFC 7519, RFC 7515).

The header of every JWT begins with `{"`, which base64url writes as `eyJ`. The token may be glued
to other text (`jwt=…;`, `xeyJ…`), so a word boundary in front of it would miss it. The third part
is empty in an unsecured token.
"""

import re

_START = "eyJ"
_TOKEN_CHARACTERS = re.compile(r"[A-Za-z0-9_.-]++")


def jwt_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each token, in order, not overlapping."""
    if _START not in text:
        return []
    spans: list[tuple[int, int]] = []
    for run in _TOKEN_CHARACTERS.finditer(text):
        spans += _spans_in_run(run[0], run.start())
    return spans


def _spans_in_run(run: str, offset: int) -> list[tuple[int, int]]:
    parts = run.split(".")
    spans: list[tuple[int, int]] = []
    position = offset  # of parts[index] in the text
    index = 0
    while index + 2 < len(parts):
        start = parts[index].find(_START)
        if start < 0 or not parts[index + 1]:
            position += len(parts[index]) + 1
            index += 1
            continue
        last = index + 2
        # Glued tokens (`eyJa.` before `eyJh.eyJp.sig`): the third part is then the next payload.
        while _START in parts[last] and last + 1 < len(parts) and parts[last + 1]:
            last += 1
        length = sum(map(len, parts[index : last + 1])) + (last - index)
        spans.append((position + start, position + length))
        position += length + 1
        index = last + 1
    return spans
