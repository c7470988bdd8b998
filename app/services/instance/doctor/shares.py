"""Which projects take the disk: anybody with an app's token can send some."""

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
    counted_at = disk_shares.counted_at(connection)
    largest = disk_shares.largest_of(connection, limit=_TOLD)
    worth = [each for each in largest if each.bytes >= _WORTH_TELLING_BYTES]
    if counted_at is None:
        yield fine(
            "shares",
            "What projects take of the disk was not counted yet: `pionne-feedback retention run`"
            " does, and whoever looks at the settings of a project has it done.",
        )
    elif worth:
        told = ", ".join(
            f"project {each.project_id} about {in_words(each.bytes)}" for each in worth
        )
        yield fine("shares", f"Most of the disk, as counted {counted_at:%Y-%m-%d}: {told}.")
    else:
        yield fine("shares", f"No project takes {in_words(_WORTH_TELLING_BYTES)} of the disk.")
    if not (most := settings.event_bytes_per_day):
        return
    # Full when the next usual event does not fit any more: what is left over is never used up.
    for each in disk_shares.most_events_today(connection, today=today, limit=_TOLD):
        if each.bytes >= most * _FULL:
            yield warning(
                "shares",
                f"Project {each.project_id} has sent its {in_words(most)} of events today: further"
                " ones are kept without content. Look at its issues, replace its token, or raise"
                " EVENT_BYTES_PER_DAY.",
            )
