"""Reads the lines of stacks, in the forms of many languages, and scrubs them.

A frame of Firefox, Safari or Hermes, `pay@main.jsbundle:1:2`, has the form of an address. So it is
parsed before it is scrubbed, function and file apart, and a stack stays a stack.
"""

import re
from collections import Counter
from dataclasses import dataclass

from app.domain.scrubber import Scrubbed, examine

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
# Logback adds where the class is from: ` ~[shop-1.2.jar:na]`.
_JVM_FRAME = re.compile(
    r"at (?:[\w.$@-]*+/)*+(?P<function>[\w.$<>-]++)\((?P<file>[^\n()]*+)\)(?: ~?\[[^\n\[\]]*+\])?"
)
# .NET: `at Acme.Cart.Pay(String id) in C:\\src\\Cart.cs:line 12`; a blank between type and name.
_DOTNET_FRAME = re.compile(
    r"at (?=[^(\n.]*+\.)(?P<function>[\w.`+<>|\[\],$]++)"
    r"\((?!Native Method|Unknown Source)(?:|[A-Za-z][^()\n]* [\w@]++)\)(?: in (?P<file>[^\n]++))?"
)
# Unity: `Shop.Cart.Pay () (at Assets/Cart.cs:12)`.
# Mono: `at Shop.Cart.Pay () [0x0001a] in <9f0c>:0`.
_MONO_FRAME = re.compile(
    r"(?:at )?(?P<function>[\w.+<>`\[\],|:]++) ?\([^()\n]*+\)"
    r" (?:\(at (?P<unity>[^()\n]++)\)|\[0x[0-9a-f]++\] in (?:<[^<>\n]*+>:\d++|(?P<file>[^\n]++)))"
)
# A place, as it is written behind the name of a function that has brackets itself.
_PLACE = re.compile(r"[^()\n]*[^()\n\s]:\d++")
_ANY_PLACE = re.compile(r"[^\s:]:\d")
_QUALIFIED = re.compile(r"[\w>})'`]::[A-Za-z_~<{]")
# Python: `File "/app/cart.py", line 12, in pay`. Ruby: `/app/cart.rb:12:in 'Cart#pay'`.
_PYTHON_FRAME = re.compile(r'File "(?P<file>[^"\n]++)", line \d++(?:, in (?P<function>[^\n]++))')
_RUBY_FRAME = re.compile(
    r"(?:from )?(?P<file>(?:[A-Za-z]:)?[^\s:]++(?:(?<=\.rb)|(?<=\.erb)|(?<=\.haml)|(?<=\.slim)"
    r"|(?<=\.rake))"
    r"|<internal:[^\s<>]++>)"
    r":\d++(?::in [`'](?P<function>[^\n']++)')?"
)
# Apple: `3   Shop   0x0000000100a1b2c3 $s4Shop4CartC3payyyF + 123`.
_APPLE_FRAME = re.compile(
    r"\d++\s++(?P<image>[^\s]++(?: (?!0x)[^\s]++)?)\s++0x[0-9a-f]{8,16}\s++"
    r"(?:0x[0-9a-f]++ )?(?P<function>(?!0x)[^\n]++)"
)
# Android: `#00 pc 000000000004a6c0  /data/app/x/lib/arm64/libshop.so (pay+12) (BuildId: …)`.
_ANDROID_FRAME = re.compile(
    r"#\d\d pc [0-9a-f]++\s++(?:[^\s/]*+/)*+(?P<image>[^\s/()]++)"
    r"(?:\s++\((?P<function>[^()\n+]++)[^()\n]*+\))?[^\n]*+"
)
# Dart: `#0      Cart.pay (package:shop/cart.dart:12:5)`; the number, and where the file begins.
_DART_NUMBER = re.compile(r"#\d++\s++")
_DART_FILE = re.compile(r" \((?=package:|dart:|file:)")
# `dispatch@[native code]` has no place.
_AT_FRAME = re.compile(
    r"\s*+(?P<function>[^@\s,;:\"'][^@\n,;:\"']*+|)"
    r"@(?P<file>[^\s@]\S*:\d++:\d++|\[native code\])\s*+"
)
# A file that might as well be a host, in a line that might as well name somebody.
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?P<top>[A-Za-z]{2,})(?::\d+)*")
_HOSTS_OF_MAIL = frozenset(
    "com org net edu gov info biz name pro io co me app dev example test invalid"
    " ar at au be br ca ch cn cz de dk es eu fi fr gr hu ie il in it jp kr mx nl no nz pl pt ro ru"
    " se sg tr tw ua uk us za".split()
)


@dataclass(frozen=True)
class Frame:
    """As they are written in the line; the function is empty where it has no name.

    `image` is the binary of native code. `is_script` is of JavaScript.
    """

    function: str
    file: str
    image: str = ""
    is_script: bool = False


def examine_line(line: str) -> Scrubbed:
    """A line of a stack without personal data; the sign between function and file stays."""
    match = _AT_FRAME.fullmatch(line) if "@" in line else None
    if match is None or _may_be_of_mail(match["file"]):
        return examine(line)
    before, behind = examine(line[: match.start("file") - 1]), examine(line[match.start("file") :])
    found = Counter(before.found) + Counter(behind.found)
    return Scrubbed(text=f"{before.text}@{behind.text}", found=dict(found))


def _may_be_of_mail(file: str) -> bool:
    host = _HOST.fullmatch(file)
    return host is not None and host["top"].lower() in _HOSTS_OF_MAIL


def frame_of(line: str) -> Frame | None:
    """None for a line that is no frame of a language that is known here."""
    line = line.strip()
    if match := _DOTNET_FRAME.fullmatch(line):
        return Frame(match["function"], match["file"] or "")
    if match := _JVM_FRAME.fullmatch(line):
        return Frame(match["function"], match["file"])
    if match := _MONO_FRAME.fullmatch(line):
        return Frame(match["function"], match["unity"] or match["file"] or "")
    if frame := _native_frame(line):
        return frame
    if match := _V8_FRAME.fullmatch(line):
        return Frame(match["function"] or "", match["file"] or match["bare"], is_script=True)
    if frame := _dart_frame(line):
        return frame
    if match := _PHP_FRAME.fullmatch(line):
        return Frame(match["function"], match["file"])
    if match := _PYTHON_FRAME.fullmatch(line) or _RUBY_FRAME.fullmatch(line):
        return Frame(match["function"] or "", match["file"])
    if match := _APPLE_FRAME.fullmatch(line) or _ANDROID_FRAME.fullmatch(line):
        return Frame(match["function"] or "", "", image=match["image"])
    if match := _GECKO_FRAME.fullmatch(line):
        return Frame(match["function"], match["file"], is_script=True)
    return None


def _native_frame(line: str) -> Frame | None:
    """Of C++, Rust or Go: `at Cart::pay(int) (cart.cpp:12)`, `at (*Cart).Pay (/app/cart.go:12)`."""
    if not line.startswith("at "):
        return None
    begins = line.rfind(" (")
    file = line[begins + 2 : -1] if begins > 0 and line[-1] == ")" else ""
    name = line[3:begins] if file else line[3:]
    if _PLACE.fullmatch(file) and ("(" in name or "::" in name):
        return Frame(name, file)
    if "://" not in line and _QUALIFIED.search(name) and not _ANY_PLACE.search(line):
        return Frame(name, file)
    return None


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
