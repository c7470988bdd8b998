"""Finds e-mail addresses: from each `@` forward to its dotted domain, then back over the rest.

Not matching from the left: a pattern that begins with the local part tries again at each of its
characters, which is quadratic on a long run without `@`. Here each character is read at most once
as part of a local part and a few times as part of a domain, nearly always by compiled patterns.

In free text an address is anything with a dotted domain that could exist, of any length: its last
label could be a top-level domain. Versions (`react@18.3.0-canary`) and file names (`logo@2x.png`,
`pay@main.jsbundle`) could not.
"""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

from app.domain.detectors.escapes import Reading

_APOSTROPHE = "\u2019"  # as phones type it in o'brien@example.com; also a closing quotation mark
# Punctuation that IDNA allows inside words: Catalan, Hebrew and Japanese need it.
_WORD_PUNCTUATION = frozenset("\u00b7\u05f3\u05f4\u30fb")
# Beyond, only dead scripts have punctuation, and each range would be looked at for each letter.
_PUNCTUATION_ENDS = 0x10000
# What is as good as a top-level domain, by its letters, and ends the name of a file.
_FILE_ENDINGS = frozenset(
    "aab aac aar apk apng asar aspx avif bak bat bin bmp bundle cfg class cjs cmd cpp cs cshtml"
    " csproj css csv cts cxx dart dat dex dll dmg doc docx dylib elf env eot eps erb exe fbx flac"
    " gif glb gltf go gradle graphql gz haml hbc hbs heic heif hpp hprof htm html icns ico ini ipa"
    " ipynb iso jar jpeg jpg js jsbundle jsc jsm json jsonc jsp jsx kt kts less lock log lottie lua"
    " mdx mjs mkv mpeg mpg msi mtl mts ndjson nib obj odex odt ogg ogv otf patch pdb pdf php plist"
    " png ppt pptx proto psd pyc rar razor rb rpm rtf sass scala scss sln sql sqlite storyboard"
    " strings svelte svg swf swift tar tga tgz tif tiff tmp toml ts tsx ttf txt vb vbs vue war wasm"
    " wav webm webmanifest webp whl wma wmv woff xcframework xib xls xlsx xml yaml yml".split()
)
# A dot cannot begin a local part, and an apostrophe there is a quotation mark.
_NEVER_FIRST = f".{_APOSTROPHE}"
# Between two addresses, what could belong to the second is a sign that separates them; and nobody's
# begins with an equals sign.
_SEPARATORS = frozenset(f"!#$%&'*+-/=?^_`{{|}}~.{_APOSTROPHE}")
# Legal in a local part, but around a whole address they are quotes or markup.
_CLOSING = {"'": "'", "`": "`", "*": "*", "_": "_", "~": "~", "|": "|", "{": "}", "/": "/"}
_URL_DELIMITER = re.compile("[/?&=#]")
# `/users/jo@…` of a log is a path, though nobody wrote its host.
_BEGINS_PATH = frozenset("/?#&")
# `email=jo@…`, `a=1&email=jo@…`: what somebody called it. Not `bounce+jo=example.com@…`, where a
# list of mail keeps the address to which it wrote.
_CALLED = re.compile(
    r"[{'`]?(?:-{0,2}[A-Za-z_$][\w.-]*+=[^&=]*+&)*+-{0,2}[A-Za-z_$][\w.-]*+=['`{]?(?=[^&=]++\Z)",
    re.ASCII,
)
_KEPT_BY_LIST = re.compile(
    r"[^@]*\.(?:com|net|org|edu|gov|info|io|co|app|dev|at|be|br|ch|de|dk|es|eu|fr|it|jp|nl|pl|ru"
    r"|se|uk)",
    re.ASCII | re.IGNORECASE,
)
# `jo%16@…`: no address when the escape is read, but one as it is written.
_ESCAPE_BEFORE_AT = re.compile("(?<=%[0-9A-Fa-f]{2})@")


def _ranges(codes: Iterable[int]) -> str:
    """Rising code points as the inside of a pattern's brackets."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


def _words_with(signs: str) -> str:
    """A pattern for ASCII's letters and digits, these signs, and what words beyond ASCII are made
    of: letters, marks, digits and symbols, not their spaces and punctuation."""
    kept = _WORD_PUNCTUATION.union(signs)
    others = (code for code in range(0x80) if not chr(code).isalnum() and chr(code) not in kept)
    breaking = (code for code in _BREAKING if chr(code) not in kept)
    return f"[^{_ranges(others)}\\x80-\\x9f{_ranges(breaking)}]"


_BREAKING = [
    code for code in range(0xA0, _PUNCTUATION_ENDS) if unicodedata.category(chr(code))[0] in "ZP"
]
_ATEXT = _words_with("!#$%&'*+-/=?^_`{|}~." + _APOSTROPHE)  # RFC 5322, and the dot
_LABEL = _words_with("-_")
# Latin, Greek, Cyrillic, Armenian: a top-level domain that begins in ASCII may go on in these
# (`vermögensberater`). What follows it in another script, or an emoji, is glued to the address.
_CASED = "a-zA-Z\u00c0-\u02af\u0300-\u036f\u0370-\u052f\u0531-\u0587\u1e00-\u1fff"
_TOP_LEVEL = (
    rf"(?:[Xx][Nn]--[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+|[a-zA-Z][{_CASED}]++"
    rf"|(?![a-zA-Z])[^\W\d_](?:(?![\d_a-zA-Z-]){_LABEL})++)(?!\d)"
)
# A version (`react@18.3.0-canary`) and the density of a picture (`logo@2x.png`) are no domains.
_VERSION_OR_DENSITY = (
    r"(?!v?[0-9]++\.[0-9]++(?:[-_A-Za-z]|(?:\.[0-9]++)++(?!\.[A-Za-z][A-Za-z0-9-]*+\.[A-Za-z]))"
    r"|[0-9]++(?:\.[0-9]++)?x\.)"
)
_AT_DOMAIN = re.compile(rf"@(?<=[^\s/@]@){_VERSION_OR_DENSITY}(?:{_LABEL}++\.)+({_TOP_LEVEL})")
_LOCAL_BACKWARDS = re.compile(rf"{_ATEXT}*+")
_ASCII_BACKWARDS = re.compile(r"[!-~]*+")
_SPACE = re.compile(r"\s")


def email_spans(reading: Reading) -> list[tuple[int, int]]:
    """Start and end of each address in what was read, in order; quoted ones may overlap others."""
    text = reading.text
    if "@" not in text:
        return []
    spans: list[tuple[int, int]] = []
    backwards, length, is_ascii = text[::-1], len(text), text.isascii()
    urls = _UrlTracker(text)
    floor = 0  # where the previous address ended: a local part cannot reach back into it
    for match in _AT_DOMAIN.finditer(text):
        if match[1].lower() in _FILE_ENDINGS:
            continue
        at, end = match.span()
        start: int | None
        if text[at - 1] == '"':
            start = _quoted_start(text, at - 1)
        else:
            local = _LOCAL_BACKWARDS.match(backwards, length - at, length - floor)
            start = length - local.end() if local else at
            separators = _SEPARATORS if start == floor > 0 else "="
            while start < at - 1 and text[start] in separators or text[start] in _NEVER_FIRST:
                start += 1
            delimiter = _URL_DELIMITER.search(backwards, length - at, length - start)
            if delimiter and delimiter.start() > length - at:
                if (
                    text[start] in _BEGINS_PATH
                    or urls.in_url(at)
                    or reading.was_percent_encoded(at)
                ):
                    start = length - delimiter.start()
            if not is_ascii and not text[start:at].isascii():
                start = _behind_glued_text(text, start, at)
            closing = text[end : end + 1]
            while start < at - 1 and closing == _CLOSING.get(text[start]):
                start += 1
            if closing == "|":  # of a table
                start = text.rfind("|", start, at - 1) + 1 or start
            if delimiter and "=" in text[start:at]:
                start = _behind_name(text, start, at)
        if start is not None and start < at:
            spans.append((start, end))
            floor = end
            if len(spans) >= reading.most_finds:
                break
    return spans


def _behind_name(text: str, start: int, at: int) -> int:
    """`email=jo@` → `jo@`; as it was where nothing is called so."""
    name = _CALLED.match(text, start, at)
    return start if name is None or _KEPT_BY_LIST.fullmatch(text, name.end(), at) else name.end()


def written_email_spans(text: str) -> list[tuple[int, int]]:
    """Of addresses whose local part ends in what reads as an escape, and is no letter then."""
    if not _ESCAPE_BEFORE_AT.search(text):
        return []
    reading = Reading(text, escapes=False)
    spans = email_spans(reading)
    if len(spans) >= reading.most_finds:  # of a list, all go
        return spans
    return [(start, end) for start, end in spans if _ends_in_escape(text[start:end])]


def _ends_in_escape(address: str) -> bool:
    """Of what is no letter of a local part."""
    escape = _ESCAPE_BEFORE_AT.search(address)
    return escape is not None and not unquote(address[: escape.start()])[-1].isalnum()


class _UrlTracker:
    """Tells whether a position is inside a URL: `://` came after the last white space."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._has_any = "://" in text
        self._searched_until = 0
        self._scheme = -1  # where the last one began
        self._space_after = -1  # the first white space behind it

    def in_url(self, position: int) -> bool:
        """Positions must be asked in rising order."""
        if not self._has_any:
            return False
        scheme = self._text.rfind("://", self._searched_until, position)
        self._searched_until = max(0, position - 2)
        if scheme >= 0:
            self._scheme = scheme
            if self._space_after < scheme:
                space = _SPACE.search(self._text, scheme)
                self._space_after = space.start() if space else len(self._text)
        return self._scheme >= 0 and self._space_after >= position


def _behind_glued_text(text: str, start: int, at: int) -> int:
    """`请联系jo@` → `jo@`: where a script has no blanks, or after an emoji, text is glued to it."""
    tail = _ASCII_BACKWARDS.match(text[start:at][::-1])
    begins = at - (tail.end() if tail else 0)
    if begins == at:
        return start
    before = begins - 1
    while before > start and unicodedata.category(text[before])[0] == "M":
        before -= 1
    category = unicodedata.category(text[before])
    return begins if category == "Lo" or category[0] in "SC" else start


def _quoted_start(text: str, closing: int) -> int | None:
    """Where the quoted string that ends at `closing` begins (RFC 5322 section 3.2.4).

    Linear over all calls: the search stops at the nearest unescaped quote, and the next closing
    quote's search stops at this one.
    """
    if _is_escaped(text, closing):
        return None
    # When every quote before is escaped, one of them still opens: that backslash is the text's own.
    opening = closing
    while (quote := text.rfind('"', 0, opening)) >= 0 and "\n" not in text[quote:opening]:
        opening = quote
        if not _is_escaped(text, quote):
            break
    return opening if opening < closing - 1 else None


def _is_escaped(text: str, position: int) -> bool:
    before = position
    while before and text[before - 1] == "\\":
        before -= 1
    return (position - before) % 2 == 1
