"""Files that come with a report: what they are, by their first bytes, and what they are called.

The header's own word is not asked: a screenshot of the SDK's own widget says `application/png`.
"""

import re
from codecs import getincrementaldecoder
from enum import StrEnum

from app.domain.sentry.loose import text

NAME_MAX_CHARS = 120
_UNNAMED = "attachment"
_SEPARATOR = re.compile(r"[/\\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
LOOKED_AT_BYTES = 4096
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


class FileKind(StrEnum):
    """What is kept; all else is not."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    GIF = "image/gif"
    TEXT = "text/plain"


def kind_of(beginning: bytes) -> FileKind | None:
    """By its first LOOKED_AT_BYTES; None for what is not kept."""
    if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if beginning.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if beginning.startswith((b"GIF87a", b"GIF89a")):
        return FileKind.GIF
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return FileKind.WEBP
    return FileKind.TEXT if _is_text(beginning) else None


def _is_text(beginning: bytes) -> bool:
    if _NO_TEXT.search(beginning):
        return False
    try:
        # Its last character may be cut in two.
        getincrementaldecoder("utf-8")().decode(beginning, final=len(beginning) < LOOKED_AT_BYTES)
    except UnicodeDecodeError:
        return False
    return True


def file_name(value: object) -> str:
    """The last part of a path, without what would act on a terminal or a header."""
    name = _CONTROL.sub("", _SEPARATOR.split(text(value) or "")[-1]).strip()
    return _short(name) if name not in ("", ".", "..") else _UNNAMED


def _short(name: str) -> str:
    """With its ending, by which people know a file."""
    if len(name) <= NAME_MAX_CHARS:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 10:
        return name[:NAME_MAX_CHARS]
    return stem[: NAME_MAX_CHARS - len(ending) - 1] + dot + ending
