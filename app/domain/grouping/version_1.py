"""The first version of fingerprints, as it was: what they are never changes any more.

By it the issues of older versions are known (`app.services.issues.grouping`). It reads exception
type and top frames of the stack.

What differs between two throws of one bug must not count: line numbers, addresses, build hashes,
install folders, arguments. Without a readable stack the message stands in, with its numbers and ids
normalised.
"""

import re
from collections.abc import Iterator

from app.domain.frames import Frame
from app.domain.grouping.grounds import CountedFrame, Grounds
from app.domain.scrubber import scrub

TOP_FRAMES = 5

# Of a line without blanks around it. An attacker writes the lines, so no pattern here may try one
# place again and again: each repetition is possessive, or ends at a sign that it cannot hold.
# V8, Node, Hermes: `at fn (file:1:2)`, `at file:1:2`, `at async fn (address at file:1:2)`.
_V8_FRAME = re.compile(r"at (?:(?P<function>[^()\n]*) \((?P<file>[^\n]*)\)|(?P<bare>\S++))")
# Firefox, Safari, JavaScriptCore: `fn@file:1:2`, `global code@file:1:2`.
_GECKO_FRAME = re.compile(r"(?P<function>[^@\s][^@\n]*+|)@(?P<file>[^\s@][^\n]*:\d++)")
# PHP: `#0 /var/www/src/Cart.php(12): App\Cart->pay('x')`, `#1 [internal function]: f()`.
_PHP_FRAME = re.compile(
    r"#\d++ (?P<file>(?:[A-Za-z]:)?[^\n(:]*+(?:\(\d++\))?): (?P<function>[^\n(]++)\([^\n]*+"
)
# Java, Kotlin: `at com.acme.Cart.pay(Cart.kt:12)`; no space before the bracket.
_JVM_FRAME = re.compile(r"at (?:[\w.$@-]*+/)*+(?P<function>[\w.$<>-]++)\((?P<file>[^\n()]*+)\)")
# Dart: `#0      Cart.pay (package:shop/cart.dart:12:5)`; the number, and where the file begins.
_DART_NUMBER = re.compile(r"#\d++\s++")
_DART_FILE = re.compile(r" \((?=package:|dart:|file:)")

_POSITION = re.compile(r"(?::\d+){1,2}(?!\d)|\(\d+\)$|(?<=^index )\d+$")
_QUERY = re.compile(r"[?#].*$")
# `main.4f3a2b1c.js`, `chunk-BkLmNoPq.js`: six or more letters with a digit, or a bundler's eight of
# base64 or base32, unless they are words in camel case (`pages-HomePage.js`).
_BUILD_HASH = re.compile(
    r"[.\-_](?=[A-Za-z0-9]*\d)[A-Za-z0-9]{6,}(?=\.)"
    r"|-(?=[\w-]{8}\.)(?![a-z]*(?:[A-Z][a-z]{2,})*\.)(?=[\w-]*[A-Z\d])[\w-]{8}",
    re.ASCII,
)
_HASH_ONLY = re.compile(r"^(?=[0-9a-f]*\d)[0-9a-f]{8,}(?=[.-])")
_CLOSURE = re.compile(r"<anonymous closure>|<anonymous>|\$\d+|\banonymous\b")
_PHP_CLOSURE = re.compile(r"\{closure[^}]*\}")
_MINIFIED_MAX_CHARS = 2
_FUNCTION_NOISE = re.compile(r"(?:[\w .]++\*)*+(?:async |new |Object\.|Function\.|Module\.)*+")
_LIBRARY_FRAME = re.compile(
    r"\bnode:|node_modules/|/vendor/|\((?:dart:|package:flutter/|internal/)|\[native code\]"
    r"|\[internal function\]|\bnative$"
)

_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE)
_LONG_HEX = re.compile(r"\b(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def fingerprint(exception_type: str, *, stack: list[str], message: str | None) -> bytes:
    """Equal for events of the same bug; 32 bytes."""
    return grounds(exception_type, stack=stack, message=message).digest()


def grounds(exception_type: str, *, stack: list[str], message: str | None) -> Grounds:
    if frames := tuple(_significant_frames(stack)):
        # Nameless functions of one bundle are all alike; the message tells bugs apart.
        is_nameless = all(frame.function in ("", "<closure>") for frame in frames)
        words = _normalised(message or "") if is_nameless else None
        return Grounds(1, exception_type, frames=frames, words=words)
    # Obfuscated stacks are all addresses, so the message tells bugs apart.
    lines = [line for line in stack if line.strip()][:TOP_FRAMES]
    unread = tuple(_normalised(scrub(line)) for line in lines)
    return Grounds(1, exception_type, lines=unread, words=_normalised(message or ""))


def _normalised(text: str) -> str:
    """The text with ids and numbers replaced, for comparison only."""
    for pattern, placeholder in (
        (_UUID, "<id>"),
        (_ADDRESS, "<id>"),
        (_LONG_HEX, "<id>"),
        (_NUMBER, "<n>"),
    ):
        text = pattern.sub(placeholder, text)
    return " ".join(text.split())


def _significant_frames(stack: list[str]) -> list[CountedFrame]:
    """The top frames of the app's own code; of any code when the app has none."""
    own: list[CountedFrame] = []
    library: list[CountedFrame] = []
    for line, frame in _frames(stack):
        (library if _LIBRARY_FRAME.search(line) else own).append(frame)
        if len(own) == TOP_FRAMES:
            break
    return own or library[:TOP_FRAMES]


def _frames(stack: list[str]) -> Iterator[tuple[str, CountedFrame]]:
    for line in stack:
        if frame := _frame_of(line):
            yield line, CountedFrame(_function(frame.function), _file(frame.file))


def _function(name: str) -> str:
    name = name.strip()
    if noise := _FUNCTION_NOISE.match(name):
        name = name[noise.end() :]
    if name.endswith("]"):  # `close [as onClick]`
        other_name = name.find(" [as ", name.rfind("]", 0, -1) + 1)
        name = name[:other_name] if other_name >= 0 else name
    name = _CLOSURE.sub("<closure>", name)
    # Behind the last brace nothing could end one.
    closures, brace, rest = name.rpartition("}")
    name = _PHP_CLOSURE.sub("<closure>", closures + brace) + rest
    name = _ADDRESS.sub("", name).strip()
    # A minifier names functions anew in every build.
    return "" if len(name) <= _MINIFIED_MAX_CHARS else name


def _file(location: str) -> str:
    """The file's own name: folders differ between devices, hashes and positions between builds."""
    location = location.removeprefix("address at ").strip()
    location = _QUERY.sub("", _POSITION.sub("", location))
    name = _POSITION.sub("", location).replace("\\", "/").rsplit("/", 1)[-1]
    return _HASH_ONLY.sub("", _BUILD_HASH.sub("", name))


def _frame_of(line: str) -> Frame | None:
    """None for a line that is no frame of a language that is known here."""
    line = line.strip()
    match = _JVM_FRAME.fullmatch(line) or _V8_FRAME.fullmatch(line)
    if match is None:
        if dart := _dart_frame(line):
            return dart
        match = _PHP_FRAME.fullmatch(line) or _GECKO_FRAME.fullmatch(line)
    if match is None:
        return None
    found = match.groupdict()
    return Frame(found.get("function") or "", found.get("file") or found.get("bare") or "")


def _dart_frame(line: str) -> Frame | None:
    number = _DART_NUMBER.match(line)
    if number is None or line[-1] != ")":
        return None
    # The file ends with the line and holds no bracket; a pattern that says so would read the line
    # again from each place that might begin it.
    begins = max(number.end() + 1, line.rfind(")", 0, -1))
    file = _DART_FILE.search(line, begins)
    if file is None or "\n" in line[number.end() :]:
        return None
    return Frame(line[number.end() : file.start()], line[file.end() : -1])
