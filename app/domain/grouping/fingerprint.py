"""Which events are the same bug: the deepest cause of the app's own code, and its top frames.

What differs between two throws of one bug must not count: line numbers, addresses, build hashes,
install folders, arguments, how deep a recursion went. Without a readable stack the message stands
in, without what differs in it. Fingerprints have a version: when these rules change, VERSION goes
up, and what a former version made goes on being known (`app.services.issues.grouping`).
"""

import re
from collections.abc import Iterable, Iterator

from app.domain.frames import Frame, frame_of
from app.domain.grouping.causes import Part, parts_of
from app.domain.grouping.file_names import file_name, without_position
from app.domain.grouping.function_names import function_name
from app.domain.grouping.grounds import CountedFrame, Grounds
from app.domain.grouping.message_words import message_words
from app.domain.grouping.own_code import is_own
from app.domain.scrubber import scrub

VERSION = 2
TOP_FRAMES = 5
# Of the JVM, where a class says more than its file, whose name R8 and proxies take away.
_TOLD_BY_CLASS = re.compile(
    r"(?:SourceFile|Unknown Source|<generated>|r8-map-id-\w*+|[\w$-]++\.(?:java|kt|scala|groovy))"
    r"(?::\d++)?"
)
# Written as V8 writes them, but none of its scripts.
_OTHER_LANGUAGE = re.compile(r"\.(?:go|py|rb|rs|cs|swift|c|cc|cpp|cxx|hpp|h|mm?)$")
# Where a native program crashed: `EXCEPTION_ACCESS_VIOLATION_READ / 0x9d425230`.
_CRASH_ADDRESS = re.compile(r"(?<=[A-Z]) / 0x[0-9a-fA-F]++$")
_LONGEST_CYCLE = 8
_MIN_ROUNDS = 2
_ENDLESS_FRAMES = 500
# Of that many different frames a cycle may keep some back, but none of the top ones.
_DECIDING_FRAMES = TOP_FRAMES + _LONGEST_CYCLE


def grounds(exception_type: str, *, stack: list[str], message: str | None) -> Grounds:
    """Of an event; the lines of its stack as they came, not scrubbed."""
    exception_type = _CRASH_ADDRESS.sub("", exception_type)
    part, frames = _deepest_own(parts_of(stack))
    if frames:
        return _of_frames(part.type or exception_type, frames, message)
    if lines := [line for line in stack if line.strip()][:TOP_FRAMES]:
        # Obfuscated stacks are all addresses, so the message tells bugs apart.
        unread = tuple(message_words(scrub(line)) for line in lines)
        return Grounds(VERSION, exception_type, lines=unread, words=message_words(message or ""))
    return Grounds(VERSION, exception_type, words=message_words(message or ""))


def grounds_of_frames(
    exception_type: str, frames: Iterable[Frame], *, message: str | None
) -> Grounds:
    """Of an event whose SDK tells frames in their parts, and which of them count; newest first."""
    exception_type = _CRASH_ADDRESS.sub("", exception_type)
    if counted := _first_told(iter(frames)):
        return _of_frames(exception_type, counted, message)
    return Grounds(VERSION, exception_type, words=message_words(message or ""))


def _of_frames(exception_type: str, frames: list[CountedFrame], message: str | None) -> Grounds:
    is_nameless = not any(frame.function for frame in frames)
    # Nameless functions of one bundle are all alike; the message tells bugs apart.
    words = message_words(message or "") if is_nameless else None
    return Grounds(VERSION, exception_type, frames=tuple(frames), words=words)


def _deepest_own(parts: list[Part]) -> tuple[Part, list[CountedFrame]]:
    """The deepest cause with frames of the app's own code, and the top ones of these.

    Without any, the deepest with any frame; else the outermost, and no frame.
    """
    of_libraries: tuple[Part, list[CountedFrame]] | None = None
    for part in reversed(parts):
        if own := _first_told(frame for frame in _frames(part) if is_own(frame)):
            return part, own
        if of_libraries is None and (any_frames := _first_told(_frames(part))):
            of_libraries = part, any_frames
    return of_libraries or (parts[0], [])


def _frames(part: Part) -> Iterator[Frame]:
    return (frame for line in part.lines if (frame := frame_of(line)))


def _first_told(frames: Iterator[Frame]) -> list[CountedFrame]:
    """The top frames; reads no more than decides which ones they are."""
    told: list[CountedFrame] = []
    known: dict[Frame, CountedFrame] = {}  # a recursion tells the same ones again and again
    for frame in frames:
        if frame not in known:
            known[frame] = _told(frame)
        told.append(known[frame])
        if len(known) > _DECIDING_FRAMES and len(set(told)) > _DECIDING_FRAMES:
            break
    return _folded(told)[:TOP_FRAMES]


def _told(frame: Frame) -> CountedFrame:
    is_script = frame.is_script and not _OTHER_LANGUAGE.search(without_position(frame.file))
    function = function_name(frame.function, is_script=is_script)
    if frame.image:
        return CountedFrame(function, frame.image)
    is_told = "." in function and _TOLD_BY_CLASS.fullmatch(frame.file)
    return CountedFrame(function, "" if is_told else file_name(frame.file))


def _folded(frames: list[CountedFrame]) -> list[CountedFrame]:
    """With each cycle told once, beginning at its alphabetically first frame."""
    kept: list[CountedFrame] = []
    at = 0
    while at < len(frames):
        length, end = _cycle(frames, at)
        cycle = frames[at : at + length]
        first = cycle.index(min(cycle))
        kept += cycle[first:] + cycle[:first]
        if end - at >= _ENDLESS_FRAMES:
            break  # the JVM tells 1,024 frames, whatever is below them
        at = end
    return kept


def _cycle(frames: list[CountedFrame], at: int) -> tuple[int, int]:
    """How long the cycle is that begins here, and where it ends; (1, at + 1) for none."""
    for length in range(1, min(_LONGEST_CYCLE, (len(frames) - at) // _MIN_ROUNDS) + 1):
        end = at + length
        while end < len(frames) and frames[end] == frames[end - length]:
            end += 1
        if end - at >= _MIN_ROUNDS * length:
            return length, end
    return 1, at + 1
