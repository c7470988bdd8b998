"""Stacks, which come as frames in parts, oldest first: read for people, and for grouping.

The last exception is what was thrown; those before it caused it. Here the newest comes first, as in
every stack that people read.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from app.domain.field_limits import FRAME_MAX_CHARS, STACK_MAX_LINES
from app.domain.frames import Frame
from app.domain.sentry.loose import mapping, mappings, number, said, text

# One more than is kept, so that whoever cuts them sees that there were more.
_MOST_LINES = STACK_MAX_LINES + 1
_SCRIPTS = ("javascript", "node")
_NAME_OF_FILE = re.compile(r"[^/\\]*$")


class Thrown:
    """The exceptions of an event, and the frames of what was thrown."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        self._platform = text(event.get("platform")) or ""
        told = event.get("exception") or event.get("sentry.interfaces.Exception")
        is_one = isinstance(told, dict) and "values" not in told
        self._exceptions = mappings([told] if is_one else told)
        self._exceptions.reverse()
        self._frames_beside = _frames_beside(event)

    @property
    def exception(self) -> dict[str, Any] | None:
        """What was thrown; None for a message."""
        return self._exceptions[0] if self._exceptions else None

    def lines(self) -> list[str]:
        """As people read them: what was thrown, and below it what caused it."""
        return list(islice(self._lines(), _MOST_LINES))

    def _lines(self) -> Iterator[str]:
        for place, exception in enumerate(self._exceptions):
            if place:
                yield f"Caused by: {_title(exception)}"
            for frame in self._frames(place):
                yield _line(frame, self._platform)
        if not self._exceptions:
            for frame in self._frames(0):
                yield _line(frame, self._platform)

    def counted_frames(self) -> list[Frame]:
        """Those of what was thrown that the app's own code is, as far as the SDK knows."""
        frames = self._frames(0)
        own = [frame for frame in frames if frame.get("in_app") is True]
        not_others = [frame for frame in frames if frame.get("in_app") is not False]
        counted = (own or not_others or frames)[:STACK_MAX_LINES]
        return [_frame(frame, self._platform) for frame in counted]

    def _frames(self, place: int) -> list[dict[str, Any]]:
        """Newest first. What stands beside the exceptions is where the newest was thrown."""
        told = self._exceptions[place] if self._exceptions else {}
        frames = _frames_in(told.get("stacktrace"))
        return frames or (self._frames_beside if place == 0 else [])


def _frames_beside(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    threads = mappings(event.get("threads"))
    for sign in ("crashed", "current"):
        for thread in threads:
            if thread.get(sign) is True and (frames := _frames_in(thread.get("stacktrace"))):
                return frames
    told = event.get("stacktrace") or event.get("sentry.interfaces.Stacktrace")
    return _frames_in(told)


def _frames_in(stacktrace: object) -> list[dict[str, Any]]:
    frames = mapping(stacktrace).get("frames")
    return mappings(frames)[::-1] if isinstance(frames, list) else []


def _title(exception: Mapping[str, Any]) -> str:
    type_, value = text(exception.get("type")), said(exception.get("value"))
    first_line = value.splitlines()[0] if value else None
    return ": ".join(filter(None, (type_, first_line))) or "?"


def _line(frame: Mapping[str, Any], platform: str) -> str:
    function = _function(frame, platform) or text(frame.get("instruction_addr")) or "?"
    place = (_file(frame), *(_whole(frame.get(name)) for name in ("lineno", "colno")))
    file = ":".join(filter(None, place)) if place[0] else ""
    if not file:
        return _in_one_line(f"at {function}")
    # As each of them writes its own stacks.
    blank = "" if _platform_of(frame, platform) == "java" else " "
    return _in_one_line(f"at {function}{blank}({file})")


def _frame(frame: Mapping[str, Any], platform: str) -> Frame:
    """As the grouping knows them."""
    platform = _platform_of(frame, platform)
    function = _in_one_line(_function(frame, platform) or "")
    package = text(frame.get("package"))
    if package and not text(frame.get("filename")):
        found = _NAME_OF_FILE.search(package)
        return Frame(function, "", image=_in_one_line(found[0] if found else package))
    file = _in_one_line(_file(frame) or "")
    return Frame(function, file, is_script=platform in _SCRIPTS)


def _function(frame: Mapping[str, Any], platform: str) -> str | None:
    function, module = text(frame.get("function")), text(frame.get("module"))
    if function and module and _platform_of(frame, platform) == "java":
        return f"{module}.{function}"
    return function


def _platform_of(frame: Mapping[str, Any], platform: str) -> str:
    """A stack may go through several, as those of apps do that run scripts."""
    return text(frame.get("platform")) or platform


def _file(frame: Mapping[str, Any]) -> str | None:
    told = (text(frame.get(name)) for name in ("filename", "abs_path", "package", "module"))
    return next(filter(None, told), None)


def _whole(value: object) -> str | None:
    told = number(value)
    return None if told is None or told < 0 or not told.is_integer() else str(int(told))


def _in_one_line(line: str) -> str:
    return " ".join(line[:FRAME_MAX_CHARS].splitlines())
