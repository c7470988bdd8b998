"""Why events are one issue: what counted of them, for the fingerprint and for people to read.

One object makes both, so that a page cannot tell of anything else than what decided.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.domain.scrubber import scrub

_SHOWN_CHARS = 300
_SHOWN_PARTS = 20
_LOOKED_AT_CHARS = 4 * _SHOWN_CHARS  # of a part, which may have any length
# What SDKs write for it.
_DEFAULT = "{{ default }}"


class CountedFrame(NamedTuple):
    """As they are compared: without what differs between two builds, or devices.

    `function` is empty for one without a name that lasts; `file` is a binary of native code, too.
    """

    function: str
    file: str

    def __str__(self) -> str:
        return f"{self.function}|{self.file}"


@dataclass(frozen=True)
class Grounds:
    """`lines` are of a stack that is of no known language; `words` are None where the message did
    not count, and empty where it counted that there was none.

    `given` is the fingerprint that the app itself gave, by which alone its events are one. In it
    None stands for all of the rest, which counts nowhere else then.
    """

    version: int
    exception_type: str
    frames: tuple[CountedFrame, ...] = ()
    lines: tuple[str, ...] = ()
    words: str | None = None
    given: tuple[str | None, ...] = ()

    def digest(self) -> bytes:
        """The fingerprint, made of nothing else: equal for events of the same bug; 32 bytes."""
        if self.given:
            # As JSON, because there no end of one part can be taken for the beginning of the next.
            default = [self._digest_of_event().hex()]
            parts = [default if part is None else part for part in self.given]
            return hashlib.sha256(f"given\x1f{json.dumps(parts)}".encode()).digest()
        return self._digest_of_event()

    def _digest_of_event(self) -> bytes:
        counted = [self.exception_type, *map(str, self.frames), *self.lines]
        if self.version == 1:
            kind = "stack" if self.frames else "lines" if self.lines else "message"
            parts = [kind, *counted, *([] if self.words is None else [self.words])]
        else:
            parts = [f"v{self.version}", *counted]
            parts += [] if self.words is None else ["", self.words]
        return hashlib.sha256("\x1f".join(parts).encode()).digest()

    def told(self) -> dict[str, Any]:
        """To be stored and read: scrubbed, and bounded."""
        return {
            "version": self.version,
            "exception_type": _shown(self.exception_type),
            "frames": [
                {"function": _shown(frame.function), "file": _shown(frame.file)}
                for frame in self.frames
            ],
            "lines": [_shown(line) for line in self.lines],
            "message": None if self.words is None else _shown(self.words),
            **({"given": self._given()} if self.given else {}),
        }

    def _given(self) -> list[str]:
        parts = self.given[:_SHOWN_PARTS]
        return [_DEFAULT if part is None else _shown(part[:_LOOKED_AT_CHARS]) for part in parts]


def _shown(text: str) -> str:
    return scrub(text)[:_SHOWN_CHARS]


def in_words(told: Mapping[str, Any]) -> str:
    """What `Grounds.told` tells, as sentences; plain text."""
    if given := told.get("given"):
        own = f"What counted: the fingerprint that the app gave, {_listed(given)}."
        if _DEFAULT not in given:
            return own
        of_event = {name: part for name, part in told.items() if name != "given"}
        return f"{own} For {_DEFAULT}: {in_words(of_event)}"
    frames, lines = told["frames"], told["lines"]
    parts = [f"the exception type {told['exception_type']}"]
    if frames:
        functions = "the functions" if len(frames) > 1 else "the function"
        names = [f"{each['function'] or '(without a name)'}{_place(each)}" for each in frames]
        parts.append(f"{functions} {_listed(names)}")
    if lines:
        parts.append("the first lines of the stack, which is of no known language")
    if told["message"]:
        parts.append(f"the message “{told['message']}”")
    words = f"What counted: {_listed(parts)}."
    if told["message"] is None:
        words += " The message did not count."
    elif not told["message"]:
        words += " It had no message."
    return words


def _place(frame: Mapping[str, str]) -> str:
    return f" in {frame['file']}" if frame["file"] else ""


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
