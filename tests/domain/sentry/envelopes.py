"""Writes envelopes, with and without lengths."""

import json

from app.domain.sentry.envelope import EnvelopeReader


def written(headers, *items, ends_with=b"\n"):
    """Each item is (headers, payload); with `length=True` in its headers it gets its own."""
    lines = [json.dumps(headers).encode()]
    for item_headers, payload in items:
        if not isinstance(payload, bytes):
            payload = json.dumps(payload).encode()
        if item_headers.get("length") is True:
            item_headers = {**item_headers, "length": len(payload)}
        lines += [json.dumps(item_headers).encode(), payload]
    return b"\n".join(lines) + ends_with


def in_parts(body, size=700):
    return (body[start : start + size] for start in range(0, len(body), size))


def read(body, *, size=700):
    """To be closed."""
    return EnvelopeReader(in_parts(body, size)).read()
