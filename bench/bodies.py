"""What the worst bodies within the limits cost beside plain text of their size.

`python -m bench.bodies` posts each in the process itself and prints CPU time, the least of some
runs, as a factor over plain text: of texts that are repetitions (scrubber, fingerprint, folding,
the check of an address) and of JSON that costs much to read. `--growth` shows n, 2n and 4n of the
worst. `python -m bench.neighbours` tells what another project notices of them.
"""

import argparse
import itertools
import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import click
from flask.testing import FlaskClient

from app.domain.times import utc_now
from app.services import accounts, projects
from bench.figures import table
from bench.instance import Instance

PLAIN = "These are the plain words of a text. "
ALLOWED_FACTOR = 10
_PROJECTS = 400  # the limits of each take turns
_LONG_NUMBER = "9" * 4301
with localcontext(prec=800):  # in the middle between two floats: each digit is compared
    _MIDDLE = f"{(2**54 - 1) * Decimal(2) ** -1075:e}"

TEXTS = (
    *("a@b.co ", "'@a.bc'", "://a=@b.co/", "a%40b.co ", "a&#64;b.co ", "\uff20", "%40", "\\u0040"),
    *("4-", "3400 ", "4242 ", "4242424242424242 ", "4222222222222%20", "24\u0661-", "eyJ"),
    *("eyJhbGciOiIifQ.", "eyJhbGciOiIifQ.a.b ", "\ud800", "\x00", "\u4f60", "\U0001f605", "\n"),
    *("\u200b", "\U000e0020", " ", "\u0130", "\ufb03", "async ", " [as ", "{closure", "-A", "a?\n"),
)
EVENT_PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "1,000 texts": lambda text: {"extra": {"list": _cut(text, len(text) // 1000 + 1)}},
    "texts of lines": lambda text: {"extra": {"list": ["\n" + t for t in _cut(text, 8000)]}},
    "names": lambda text: {"extra": {f"{t}{n}": 1 for n, t in enumerate(_cut(text, 1000))}},
    "the message": lambda text: {"message": text},
    "the type": lambda text: {"exception_type": text},
    "the stack": lambda text: {"stack": _cut(text, 500)},
    "frames #0": lambda text: {"stack": ["#0 " + t for t in _cut(text, 490)]},
    "frames at (": lambda text: {"stack": [f"at {t})" for t in _cut(text, 490)]},
    "one text of a stack": lambda text: {"stack": text},
}
FEEDBACK_PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "the message": lambda text: {"message": text},
    "the message, within its length": lambda text: {"message": text[:2000], "x": text[2000:]},
    "the email": lambda text: {"message": "x", "email": text[:185] + "@b.co", "x": text[185:]},
    "the email, uncut": lambda text: {"message": "x", "email": text},
}
# JSON that is a list of these, and what else may stand in the end.
VALUES = {
    **{
        "lists": "[],",
        "objects": "{},",
        "small objects": '{"a":0},',
        "zeros": "0,",
        "floats": "1e9,",
    },
    **{"long floats": "1.7976931348623157e-300,", "NaN": "NaN,", "empty texts": '"",'},
    **{"floats between two": _MIDDLE + ",", "the same cut": _MIDDLE[:100] + "e-292,"},
    **{"backslashes": '"' + "\\\\" * 1000 + '",'},
    **{"escapes": '"\\n\\u0041",', "integers of 4,300 digits": "9" * 4300 + ","},
}


@dataclass(frozen=True)
class Body:
    """One kind of body; `of_size` makes it so many bytes long, or nearly."""

    name: str
    path: str
    of_size: Callable[[int], bytes]


def bodies() -> Iterator[Body]:
    for path, places in (("/ingest", EVENT_PLACES), ("/feedback", FEEDBACK_PLACES)):
        for place, unit in itertools.product(places, TEXTS):
            make = places[place]
            yield Body(f"{place}: {unit!a}", path, lambda size, m=make, u=unit: filled(m, u, size))
        for name, unit in VALUES.items():
            yield Body(f"JSON: {name}", path, lambda size, u=unit: listed(u, "0", size))
            ending = f"0,{_LONG_NUMBER}"
            yield Body(
                f"JSON: {name}, a long integer",
                path,
                lambda size, u=unit, e=ending: listed(u, e, size),
            )
        yield Body("JSON: names", path, lambda size: _named(size))
        yield Body("JSON: deep lists", path, lambda size: b'{"a":' + b"[" * (size - 5))


def plain(path: str) -> Body:
    """The same bytes as ordinary texts; no feedback is longer than a message."""
    if path == "/ingest":
        make = EVENT_PLACES["1,000 texts"]
        return Body("plain text", path, lambda size: filled(make, PLAIN, size))
    make = FEEDBACK_PLACES["the message, within its length"]
    return Body("plain text", path, lambda size: filled(make, PLAIN, size))


def _cut(text: str, chars: int) -> list[str]:
    return [text[place : place + chars] for place in range(0, len(text), chars)]


def filled(make: Callable[[str], dict[str, Any]], unit: str, size: int) -> bytes:
    """As UTF-8 that may be broken: to write out surrogates would make others cheaper."""

    def written(chars: int) -> bytes:
        body = {"exception_type": "Error"} | make((unit * chars)[:chars])
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")

    chars = size
    for _ in range(5):
        body = written(chars)
        if len(body) <= size:
            return body
        chars = max(1, int(chars * size / len(body) * 0.99))
    return written(chars)


def listed(unit: str, ending: str, size: int) -> bytes:
    start, end = '{"exception_type":"E","message":"x","extra":{"l":[', f"{ending}]}}}}"
    count = (size - len(start) - len(end)) // len(unit)
    return f"{start}{unit * count}{end}".encode()


def _named(size: int) -> bytes:
    names = ",".join(f'"{number:x}":0' for number in range(size // 10))
    return ('{"exception_type":"E","message":"x",' + names)[: size - 20].rpartition(",")[
        0
    ].encode() + b"}"


class Meter:
    """Posts bodies as one project after the other, and tells the CPU time."""

    def __init__(self, client: FlaskClient, tokens: Sequence[str]) -> None:
        self._client, self._tokens = client, itertools.cycle(tokens)

    def milliseconds(self, path: str, body: bytes, *, runs: int) -> float:
        least = float("inf")
        for _ in range(runs):
            headers = {"X-Pionne-Token": next(self._tokens)}
            began = time.process_time()
            answer = self._client.post(path, data=body, headers=headers)
            least = min(least, time.process_time() - began)
            assert answer.status_code in (202, 413, 422), answer.status
        return least * 1000


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[140_000, 1_048_000])
    parser.add_argument("--runs", type=int, default=3, help="of each body")
    parser.add_argument("--show", type=int, default=12, help="so many of the worst")
    parser.add_argument("--growth", action="store_true", help="of the worst: n, 2n, 4n")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        with Instance(Path(folder) / "instance").migrate().app_context() as app:
            logging.getLogger("pionne.requests").disabled = True
            owner = accounts.create("owner@example.com", password="not a secret", now=utc_now())
            tokens = [
                projects.create(f"App {n}", owner_id=owner.id, actor=None, now=utc_now()).token
                for n in range(_PROJECTS)
            ]
            meter = Meter(app.test_client(), tokens)
            for path in ("/ingest", "/feedback"):
                for size in options.sizes:
                    _print(meter, path, size, options)


def _print(meter: Meter, path: str, size: int, options: argparse.Namespace) -> None:
    of_plain = meter.milliseconds(path, plain(path).of_size(size), runs=options.runs + 2)
    costs = [
        (meter.milliseconds(path, body.of_size(size), runs=options.runs), body)
        for body in bodies()
        if body.path == path
    ]
    costs.sort(key=lambda found: found[0], reverse=True)
    rows = []
    for cost, body in costs[: options.show]:
        factor = cost / of_plain
        row = [f"`{body.name}`", f"{cost:.1f}", f"{factor:.1f}"]
        if options.growth:
            quarters = (size // 4, size // 2)
            smaller = [
                meter.milliseconds(path, body.of_size(n), runs=options.runs) for n in quarters
            ]
            row += [" → ".join(f"{figure:.1f}" for figure in (*smaller, cost))]
        rows.append([*row, "over" if factor > ALLOWED_FACTOR else ""])
    heads = ["body", "CPU, ms", "÷ plain", *(["n → 2n → 4n"] if options.growth else [])]
    click.echo(f"## {path}, {size:,} bytes; plain text {of_plain:.1f} ms\n")
    click.echo(table([*heads, f"of {ALLOWED_FACTOR}"], rows) + "\n")


if __name__ == "__main__":
    main()
