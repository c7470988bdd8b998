"""The ids that SDKs make: UUIDs, with dashes and without, in any case."""

import re
from enum import StrEnum

_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
NIL = bytes(16)


class IdKind(StrEnum):
    """What an id is of; that of a user report is its event's, as one replaces another."""

    EVENT = "event"
    FEEDBACK = "feedback"
    REPORT = "report"


def read_id(value: object) -> bytes | None:
    """Its 16 bytes. None for what is no UUID, and for the nil one, which stands for none."""
    if not isinstance(value, str) or not _ID.fullmatch(written := value.strip()):
        return None
    read = bytes.fromhex(written.replace("-", ""))
    return None if read == NIL else read


def written_id(id_: bytes) -> str:
    """As SDKs expect it in answers: 32 digits; Dart takes no other form."""
    return id_.hex()
