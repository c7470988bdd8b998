"""A crash or an error as an SDK told it, whatever dialect it came in.

Nothing of it is scrubbed or cut yet: `app.services.issues.new_event` does that, for all of them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.grouping.grounds import Grounds
from app.domain.issue_status import EventLevel


@dataclass(frozen=True, kw_only=True)
class ReceivedEvent:
    """One crash or error as it was told: each text storable, none of them scrubbed or cut.

    Of what is typed `object` nothing is known: what cannot be used is left out, and counted.
    """

    exception_type: str
    message: str | None = None
    level: EventLevel = EventLevel.ERROR
    release: str | None = None
    environment: str | None = None
    platform: str | None = None
    app_id: str | None = None
    user_id: str | None = None
    # By the device's clock, put right; None where only the time of arrival is known.
    occurred_at: datetime | None = None
    dist: str | None = None  # which build of the release
    # What the platform tells of itself, by name; `app_version` is the version it happened in.
    context: Mapping[str, str] = field(default_factory=dict)
    stack: object = None
    # What makes it one with others, where the dialect tells more than the lines of a stack can.
    grounds: Grounds | None = None
    mechanism: object = None
    # Whether a mechanism that is called `native` means a crash of the launch before.
    tells_crash_before: bool = True
    tags: object = None
    breadcrumbs: object = None
    contexts: object = None
    extra: object = None
    # The names of what the dialect could not use; `_meta` tells them.
    left_out: Collection[str] = ()
