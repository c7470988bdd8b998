"""Who may make an account over the API."""

from enum import StrEnum


class RegistrationMode(StrEnum):
    """The setting `REGISTRATION`."""

    FIRST = "first"
    OPEN = "open"
    CLOSED = "closed"


def may_register(mode: RegistrationMode, *, is_first: bool, is_invited: bool) -> bool:
    """Closed means closed: an invitation opens `first` only, or there would be no way to shut."""
    if mode is RegistrationMode.FIRST:
        return is_first or is_invited
    return mode is RegistrationMode.OPEN
