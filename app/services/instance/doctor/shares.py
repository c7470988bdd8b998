"""Which projects' events take the disk: anybody with an app's token can send some."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from app.config import Settings
from app.domain.byte_sizes import in_words
from app.services.instance.doctor.findings import Finding, fine, warning
from app.services.projects import disk_shares

_TOLD = 3
# Nobody's disk is short for less.
_WORTH_TELLING_BYTES = 1_000_000
_FULL = 0.99


def check(connection: Connection, settings: Settings, *, today: date) -> Iterator[Finding]:
    """The largest projects, and those that have used up their day."""
    largest = disk_shares.largest_of(connection, today=today, limit=_TOLD)
    worth = [each for each in largest if each.event_bytes >= _WORTH_TELLING_BYTES]
    if worth:
        told = ", ".join(
            f"project {each.project_id} {in_words(each.event_bytes)}" for each in worth
        )
        yield fine("shares", f"The most content of events is of: {told}.")
    else:
        yield fine("shares", f"No project has {in_words(_WORTH_TELLING_BYTES)} of events' content.")
    if not (most := settings.event_bytes_per_day):
        return
    # Full when the next usual event does not fit any more: what is left over is never used up.
    for each in disk_shares.largest_of(connection, today=today, limit=_TOLD, by_today=True):
        if each.event_bytes_today >= most * _FULL:
            yield warning(
                "shares",
                f"Project {each.project_id} has sent its {in_words(most)} of events today: further"
                " ones are kept without content. Look at its issues, replace its token, or raise"
                " EVENT_BYTES_PER_DAY.",
            )
