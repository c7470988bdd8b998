"""The grammar of envelopes (docs/sentry-dialect.md, section 5), read from a stream.

An envelope is a line of JSON about the whole, and items: a line of JSON about each, and a payload,
of so many bytes or up to the end of its line. What a payload says is not looked at here. Payloads
that somebody will read are kept in one file for all, in memory as long as they are small; all
others are read past, for any number of megabytes may come that nobody wants.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Any, Self

from app.domain.json_bounds import CostlyJson, JsonBudget
from app.domain.json_reading import NotJson, lenient_object, lenient_text
from app.domain.losses import LossReason
from app.domain.sentry.pieces import EndedEarly, LineTooLong, PieceReader

HEADER_MAX_BYTES = 64 * 1024
MAX_ITEMS = 1000
JSON_MAX_BYTES = 1024 * 1024
CLIENT_REPORT_MAX_BYTES = 4 * 1024
ATTACHMENT_MAX_BYTES = 5 * 1024 * 1024
ATTACHMENTS_MAX_COUNT = 5
# What is kept of one envelope lies in a file beyond this.
IN_MEMORY_MAX_BYTES = 1024 * 1024

ATTACHMENT = "attachment"
# Which attachments are ones of a person, not of a debugger or of a trace.
_ATTACHMENT_TYPES = (None, "", "event.attachment")
# How long the payloads may be that are read as JSON, by type of their item.
_JSON_MAX_BYTES = {
    "event": JSON_MAX_BYTES,
    "feedback": JSON_MAX_BYTES,
    "user_report": JSON_MAX_BYTES,
    "session": JSON_MAX_BYTES,
    "sessions": JSON_MAX_BYTES,
    "client_report": CLIENT_REPORT_MAX_BYTES,
}


class MalformedEnvelope(Exception):
    """It cannot be told where its items begin and end, so nothing of it counts: 400."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """What stands in an envelope; `size` in bytes, `left_out` tells why a payload was not kept."""

    type: str
    headers: Mapping[str, Any]
    size: int
    left_out: LossReason | None = None
    begins: int = 0  # in the file of what was kept


@dataclass(frozen=True)
class Envelope:
    """To be closed: what it kept may lie in a file."""

    headers: Mapping[str, Any]
    items: tuple[Item, ...]
    _kept: "_Kept"

    def payload(self, item: Item, *, max_bytes: int = ATTACHMENT_MAX_BYTES) -> bytes:
        """Of one that was not left out; its first bytes, where not all of them are wanted."""
        return self._kept.read(item.begins, min(item.size, max_bytes))

    def close(self) -> None:
        self._kept.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Kept:
    """Payloads, one behind the other."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY_MAX_BYTES)
        self._size = 0

    def keep(self, parts: Iterator[bytes], *, max_bytes: int) -> tuple[int, int | None]:
        """How many bytes there were, and where they begin; None when they were too many to keep."""
        begins, size = self._size, 0
        for part in parts:
            size += len(part)
            if size <= max_bytes:
                self._file.write(part)
        if size > max_bytes:
            self._file.seek(begins)
            self._file.truncate()
            return size, None
        self._size += size
        return size, begins

    def read(self, begins: int, size: int) -> bytes:
        self._file.seek(begins)
        return self._file.read(size)

    def close(self) -> None:
        self._file.close()


@dataclass
class EnvelopeReader:
    """Reads `headers` at once, and the rest when it is asked to; raises MalformedEnvelope.

    So credentials in the first line can be judged before any of the rest is taken. What is
    malformed is taken to its end, as a body that is too large is told to be that.
    """

    pieces: Iterator[bytes]
    headers: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self._reader = PieceReader(self.pieces)
        self._budget = JsonBudget()  # of all headers
        try:
            self.headers = self._header("The first line of the envelope")
        except MalformedEnvelope:
            self._take_the_rest()
            raise

    def read(self) -> Envelope:
        """All items; to be called once."""
        kept = _Kept()
        try:
            items: list[Item] = []
            attachments_left = ATTACHMENTS_MAX_COUNT
            while self._has_item():
                if len(items) == MAX_ITEMS:
                    raise MalformedEnvelope(f"An envelope has at most {MAX_ITEMS} items.")
                item = self._item(kept, may_attach=attachments_left > 0)
                attachments_left -= item.type == ATTACHMENT and item.left_out is None
                items.append(item)
            return Envelope(self.headers, tuple(items), kept)
        except MalformedEnvelope:
            kept.close()
            self._take_the_rest()
            raise
        except BaseException:
            kept.close()
            raise

    def _take_the_rest(self) -> None:
        for _ in self.pieces:
            pass

    def _has_item(self) -> bool:
        self._reader.skip_blank_lines()
        return self._reader.has_more()

    def _item(self, kept: _Kept, *, may_attach: bool) -> Item:
        headers = self._header("The header of an item")
        type_, length = headers.get("type"), _length(headers.get("length"))
        if not isinstance(type_, str) or not type_:
            raise MalformedEnvelope("The header of an item must tell its type.")
        reason, max_bytes = _how_much_to_keep(type_, headers, length, may_attach=may_attach)
        parts = self._payload(length)
        if reason is not None:
            size = sum(map(len, parts))
            return Item(type=type_, headers=headers, size=size, left_out=reason)
        size, begins = kept.keep(parts, max_bytes=max_bytes)
        if begins is None:
            too_large = LossReason.TOO_LARGE
            return Item(type=type_, headers=headers, size=size, left_out=too_large)
        return Item(type=type_, headers=headers, size=size, begins=begins)

    def _payload(self, length: int | None) -> Iterator[bytes]:
        if length is None:
            yield from self._reader.rest_of_line()
            return
        try:
            yield from self._reader.exactly(length)
        except EndedEarly:
            raise MalformedEnvelope("The envelope ends within an item.") from None
        if any(self._reader.rest_of_line()):
            raise MalformedEnvelope("An item is longer than its length says.")

    def _header(self, name: str) -> Mapping[str, Any]:
        try:
            line = self._reader.line(max_bytes=HEADER_MAX_BYTES)
            return lenient_object(lenient_text(line, budget=self._budget))
        except LineTooLong:
            raise MalformedEnvelope(f"{name} is too long.") from None
        except NotJson:
            raise MalformedEnvelope(f"{name} must be a JSON object.") from None
        except CostlyJson:
            raise MalformedEnvelope(f"{name} holds too much.") from None


def _how_much_to_keep(
    type_: str, headers: Mapping[str, Any], length: int | None, *, may_attach: bool
) -> tuple[LossReason | None, int]:
    """Why nothing is kept of an item, or how many bytes are at most."""
    if type_ == ATTACHMENT:
        if headers.get("attachment_type") not in _ATTACHMENT_TYPES:
            return LossReason.UNSUPPORTED, 0
        max_bytes = ATTACHMENT_MAX_BYTES if may_attach else 0
    elif type_ in _JSON_MAX_BYTES:
        max_bytes = _JSON_MAX_BYTES[type_]
    else:
        return LossReason.UNSUPPORTED, 0
    if not max_bytes or (length or 0) > max_bytes:
        return LossReason.TOO_LARGE, 0
    return None, max_bytes


def _length(value: object) -> int | None:
    """In bytes; None where none is told."""
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise MalformedEnvelope("The length of an item must be a number of bytes.")
    if isinstance(value, float):
        if not value.is_integer():
            raise MalformedEnvelope("The length of an item must be a number of bytes.")
        value = int(value)
    return value
