"""What a use case may refuse; `app.web.errors` turns these into answers."""


class NotFound(Exception):
    """There is no such object, or it is another tenant's; the message may be shown."""


class Unauthenticated(Exception):
    """Credentials that are wrong, expired or used up; the message may be shown."""

    def __init__(self, message: str = "Unauthenticated.") -> None:
        super().__init__(message)


class TooManyPasswords(Exception):
    """So many passwords are being checked that this one was not looked at."""

    def __init__(self) -> None:
        super().__init__(
            "Too many passwords are being checked at this moment, so yours was not looked at. Try"
            " again in a few seconds."
        )


class UnknownProjectToken(Exception):
    """An SDK's token that is no project's."""

    def __init__(self) -> None:
        super().__init__("The project token is not known: it was mistyped, or has been revoked.")


class Forbidden(Exception):
    """The object may be seen, but not this done to it; the message says what is needed."""


class BundleMismatch(Exception):
    """An event of another app than the one the project is pinned to, or of none (`sent`)."""

    def __init__(self, pinned: str, *, sent: str | None) -> None:
        self.sent = sent
        told = "names no app" if sent is None else "is of another app"
        super().__init__(
            f"Bundle ID mismatch: the event {told}. Send the app_id that this project is pinned to,"
            " or have its owner change it or switch pinning off in the project's settings."
        )
        # Enough for a developer to recognise their own bundle id, not enough to learn it.
        self.expected_format = "*" + pinned[1:]


class Invalid(Exception):
    """A value that only the database could judge; the message may be shown."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class WeakPassword(Invalid):
    """A password that somebody chose, who may choose another one."""

    def __init__(self, reason: str) -> None:
        super().__init__("password", reason)


class Refused(Exception):
    """Something that an instance cannot do as it is; the message is one line saying what to do."""
