"""Whether a frame is of the app's own code, by what its function and its file are called.

What is not known here counts as the app's own: a frame too many splits an issue, and one too few
makes all bugs below a framework one.
"""

import re
from functools import lru_cache

from app.domain.frames import Frame
from app.domain.grouping import libraries
from app.domain.grouping.file_names import stem_of, without_position

_OFFSET = re.compile(r" \+ \d++$")
# Where all of a program begins, written by its author or not.
_ENTRY_POINT = re.compile(r"_?main|start|wmain|w?WinMain")
_NATIVE_FILE = re.compile(r"\.(?:c|cc|cpp|cxx|m|mm|rs|swift|inl)$")


def is_own(frame: Frame) -> bool:
    """Whether the app's team wrote it, as far as names tell."""
    if libraries.NATIVE_NAMES.match(frame.function):
        return False
    file = without_position(frame.file)
    is_native = bool(frame.image or _NATIVE_FILE.search(file))
    if is_native and _ENTRY_POINT.fullmatch(_OFFSET.sub("", frame.function)):
        return False
    if frame.image:
        return not libraries.IMAGE.fullmatch(frame.image)
    return not libraries.NAMES.match(frame.function) and _is_own_file(file)


@lru_cache(maxsize=1024)
def _is_own_file(file: str) -> bool:
    if libraries.PLACES.search(file):
        return False
    if file.startswith("package:"):
        return not libraries.DART_PACKAGES.match(file)
    return not libraries.BUNDLE.fullmatch(stem_of(file))
