"""A crash or an error as an SDK told it, whatever dialect it came in.

Nothing of it is scrubbed or cut yet: `app.services.issues.new_event` does that, for all of them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.frames import Frame
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
    # Those that count of the stack, newest first, where the dialect tells them in parts; None: the
    # lines of the stack tell.
    frames: Sequence[Frame] | None = None
    # What stays the same in all messages of one kind; None: the message itself.
    template: str | None = None
    # What the app itself makes events one by; None in it stands for what would make them one else.
    fingerprint: tuple[str | None, ...] = ()
    mechanism: object = None
    # Whether a mechanism that is called `native` means a crash of the launch before.
    tells_crash_before: bool = True
    tags: object = None
    breadcrumbs: object = None
    contexts: object = None
    extra: object = None
    # The names of what the dialect could not use; `_meta` tells them.
    left_out: Collection[str] = ()
