"""Reads lines and counted bytes from a body that comes in pieces, and holds one piece at a time."""

from collections.abc import Iterator


class EndedEarly(Exception):
    """Fewer bytes are left than were asked for."""


class LineTooLong(Exception):
    """A line has more bytes than it may have."""


class PieceReader:
    """Takes the next piece when it is needed; what `pieces` raises goes through."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._at = 0

    def has_more(self) -> bool:
        while self._at == len(self._piece):
            following = next(self._pieces, None)
            if following is None:
                return False
            self._piece, self._at = following, 0
        return True

    def skip_blank_lines(self) -> None:
        while self.has_more():
            rest = self._piece[self._at :].lstrip(b"\r\n")
            self._at = len(self._piece) - len(rest)
            if rest:
                return

    def line(self, *, max_bytes: int) -> bytes:
        """Up to the next line feed, which is taken as well, or the end; raises LineTooLong."""
        parts = []
        for part in self.rest_of_line():
            parts.append(part)
            max_bytes -= len(part)
            if max_bytes < 0:
                raise LineTooLong
        return b"".join(parts)

    def rest_of_line(self) -> Iterator[bytes]:
        """Its parts, of which none is empty; to be taken to the end."""
        while self.has_more():
            end = self._piece.find(b"\n", self._at)
            if end >= 0:
                part, self._at = self._piece[self._at : end], end + 1
                if part:
                    yield part
                return
            yield self._take(len(self._piece))

    def exactly(self, count: int) -> Iterator[bytes]:
        """So many bytes, in parts; to be taken to the end. Raises EndedEarly."""
        while count:
            if not self.has_more():
                raise EndedEarly
            part = self._take(count)
            count -= len(part)
            yield part

    def _take(self, count: int) -> bytes:
        part = self._piece[self._at : self._at + count]
        self._at += len(part)
        return part
