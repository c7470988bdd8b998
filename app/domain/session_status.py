"""How a session went, and which of two reports of it wins (contract section 3.3)."""

from enum import StrEnum


class SessionStatus(StrEnum):
    """From best to worst; a session's status only ever moves down this list."""

    OK = "ok"
    EXITED = "exited"
    ERRORED = "errored"
    ABNORMAL = "abnormal"
    CRASHED = "crashed"

    def outranks(self, other: "SessionStatus") -> bool:
        return _SEVERITY[self] > _SEVERITY[other]


_SEVERITY = {status: severity for severity, status in enumerate(SessionStatus)}
