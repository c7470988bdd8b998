"""The bodies that cost the most to read, as far as anybody has thought of them.

Of texts that are repetitions (scrubber, fingerprint, folding, the check of an address), of JSON of
many parts, and of as many parts as are taken, beside a text that makes up the size: who only fills
a body with parts is refused before they are read.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from app.domain.json_bounds import MOST_PARTS

PLAIN = "These are the plain words of a text. "
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
    **{"lists": "[],", "objects": "{},", "small objects": '{"a":0},', "small lists": "[0],"},
    **{"lists in lists": "[[0],[0]],", "zeros": "0,", "floats": "1e9,", "empty texts": '"",'},
    **{"texts of a letter": '"a",', "long floats": "1.7976931348623157e-300,", "NaN": "NaN,"},
    **{"floats between two": _MIDDLE + ",", "the same cut": _MIDDLE[:100] + "e-292,"},
    **{"backslashes": '"' + "\\\\" * 1000 + '",'},
    **{"escapes": '"\\n\\u0041",', "integers of 4,300 digits": "9" * 4300 + ","},
}
# JSON that is an object of these, of which `%x` tells one from the other.
NAMES = {
    **{"names": '"%x":0,', "names of escapes": '"\\n%x":0,', "long names": '"%040x":0,'},
    **{"names of objects": '"%x":{"a":0},', "names of lists": '"%x":[],'},
    **{"the same name": '"a":0,', "no name": '"":0,', "the same name of lists": '"a":[[]],'},
}
# What a text may be full of; within it, none of these is a part.
SIGNS = {
    **{"letters": "a", "commas": ",", "brackets": "[", "colons": ":", "quotes": '\\"'},
    **{"written backslashes": "\\\\", "written newlines": "\\n", "written letters": "\\u0041"},
}
_START = '{"exception_type":"E","message":"x"'
_TEXT = ',"screenshot":"%s"'
_IN_LIST = (_START + ',"extra":{"l":[', "0]}}")
_IN_BODY = (_START + ",", '"end":0}')
_IN_EXTRA = (_START + ',"extra":{', '"end":0}}')


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
        for name, of_size in _json_bodies().items():
            yield Body(f"JSON: {name}", path, of_size)


def plain(path: str) -> Body:
    """The same bytes as ordinary texts; no feedback is longer than a message."""
    if path == "/ingest":
        make = EVENT_PLACES["1,000 texts"]
    else:
        make = FEEDBACK_PLACES["the message, within its length"]
    return Body("plain text", path, lambda size: filled(make, PLAIN, size))


def body_named(name: str) -> Body:
    """One of those of an event, by its name; raises StopIteration where there is none."""
    return next(body for body in bodies() if (body.name, body.path) == (name, "/ingest"))


def _json_bodies() -> dict[str, Callable[[int], bytes]]:
    made: dict[str, Callable[[int], bytes]] = {
        "deep lists": lambda size: b'{"a":' + b"[" * (size - 5),
        "deep objects": lambda size: b'{"a":' * (size // 5),
    }
    kinds = [
        *((name, unit, _IN_LIST) for name, unit in VALUES.items()),
        *((name, unit, _IN_BODY) for name, unit in NAMES.items()),
        *((f"{name}, in extra", unit, _IN_EXTRA) for name, unit in NAMES.items()),
    ]
    for name, unit, around in kinds:
        made[name] = lambda size, u=unit, a=around: repeated(u, a, size)
        made[f"{name}, as many as are taken"] = lambda size, u=unit, a=around: within(u, a, size)
        made[f"{name}, as many, and a text of commas"] = lambda size, u=unit, a=around: within(
            u, a, size, sign=","
        )
        made[f"{name}, a long integer"] = lambda size, u=unit, a=around: repeated(
            u, (a[0], a[1].replace("0", _LONG_NUMBER)), size
        )
    for name, sign in SIGNS.items():
        made[f"a text of {name}"] = lambda size, s=sign: within("", _IN_BODY, size, sign=s)
    return made


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


def repeated(unit: str, around: tuple[str, str], size: int) -> bytes:
    """JSON of nothing but parts."""
    start, end = around
    return f"{start}{_parts(unit, size - len(start) - len(end))}{end}".encode()


def within(unit: str, around: tuple[str, str], size: int, *, sign: str = "a") -> bytes:
    """JSON of as many parts as are taken, and one text."""
    start, end = around
    most = MOST_PARTS - 2 * sum(map((start + end).count, ",[{"))
    chars = size - len(start) - len(end) - len(_TEXT % "")
    parts = _parts(unit, chars, most=most)
    text = _TEXT % (sign * ((chars - len(parts)) // len(sign)))
    return f"{start.replace(_START, _START + text)}{parts}{end}".encode()


def _parts(unit: str, chars: int, *, most: int = 2**31) -> str:
    """The unit as often as it fits, but for so many lists, objects and values."""
    if not unit:
        return ""
    of_one = sum(map(unit.count, ",[{"))
    if "%" not in unit:
        return unit * min(chars // len(unit), most // of_one)
    pieces: list[str] = []
    for number in range(most // of_one):
        pieces.append(unit % number)
        chars -= len(pieces[-1])
        if chars < 0:
            return "".join(pieces[:-1])
    return "".join(pieces)


def _cut(text: str, chars: int) -> list[str]:
    return [text[place : place + chars] for place in range(0, len(text), chars)]
