"""What a use case may refuse; `app.errors` turns these into answers."""


class NotFound(Exception):
    """There is no such object, or it is another tenant's; the message may be shown."""


class Invalid(Exception):
    """A value that only the database could judge; the message may be shown."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
