"""What turns an event as an SDK told it into the one that is stored: scrubbed, cut, grouped.

Whatever dialect it came in: a blueprint reads the fields of its dialect into a `ReceivedEvent`, and
all that every event needs is done here. The parts share one budget of bytes, which goes to those
that are cleaned first (`app.domain.event_content`); so the order of the lines below matters.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from app.domain.event_content import EventCleaner, stack_lines
from app.domain.field_limits import (
    EVENT_MESSAGE_MAX_CHARS,
    EXCEPTION_TYPE_MAX_CHARS,
    LABEL_MAX_CHARS,
    STACK_LINE_MAX_CHARS,
)
from app.domain.grouping import version_1
from app.domain.grouping.fingerprint import grounds, grounds_of_frames
from app.domain.grouping.grounds import Grounds
from app.domain.issue_status import EventLevel
from app.domain.native_crash import NativeCrash, is_native_crash, native_crash
from app.domain.received_event import ReceivedEvent
from app.domain.releases import DEFAULT_ENVIRONMENT
from app.domain.times import wire_time


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """One crash or error: checked, scrubbed, bounded."""

    exception_type: str
    fingerprint: bytes
    # By the version before; None where there is none to be known by.
    former_fingerprint: bytes | None = None
    # What the two were made from, and a page tells.
    grounds: Grounds | None = None
    former_grounds: Grounds | None = None
    message: str | None = None
    level: EventLevel = EventLevel.ERROR
    release: str | None = None
    environment: str
    platform: str | None = None
    app_id: str | None = None
    # Told by the launch after it; None for all that happened just now.
    crash: NativeCrash | None = None
    content: dict[str, Any]
    # How many of each kind scrubbing took out.
    redactions: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def content_json(self) -> str:
        """As it is stored; written once, to be measured and kept."""
        return json.dumps(self.content)


def clean(received: ReceivedEvent) -> NewEvent:
    """Needs no database; of a body with a picture it takes tenths of a second."""
    cleaner = EventCleaner()
    exception_type = cleaner.text(received.exception_type, max_chars=EXCEPTION_TYPE_MAX_CHARS)
    message = received.message
    if message is not None:
        message = cleaner.text(message, max_chars=EVENT_MESSAGE_MAX_CHARS)
    counted, former = _grounds(received, exception_type, message)
    release = received.release or received.context.get("app_version")
    tells_crash = received.tells_crash_before and is_native_crash(received.mechanism)
    crash = _native_crash(received) if tells_crash else None
    if release and crash is not None:
        release = crash.release
    return NewEvent(
        exception_type=exception_type,
        fingerprint=counted.digest(),
        former_fingerprint=None if former is None else former.digest(),
        grounds=counted,
        former_grounds=former,
        message=message,
        level=received.level,
        release=cleaner.label(release),
        environment=cleaner.label(received.environment) or DEFAULT_ENVIRONMENT,
        platform=cleaner.label(received.platform),
        app_id=cleaner.label(received.app_id),
        crash=crash,
        content=_content(received, cleaner, crash),
        redactions=cleaner.redacted,
    )


def _grounds(
    received: ReceivedEvent, exception_type: str, message: str | None
) -> tuple[Grounds, Grounds | None]:
    """What counts of it, and what counted by the version before, which some dialects never had."""
    if received.frames is not None:
        template = received.template
        if template is not None:
            message = EventCleaner().text(template, max_chars=EVENT_MESSAGE_MAX_CHARS)
        counted = grounds_of_frames(exception_type, received.frames, message=message)
        return replace(counted, given=received.fingerprint), None
    # By the lines as they came: `pay@main.jsbundle` is a frame, and looks like an address.
    whole_lines = stack_lines(received.stack)
    lines = [line[:STACK_LINE_MAX_CHARS] for line in whole_lines]
    return (
        grounds(exception_type, stack=whole_lines, message=message),
        version_1.grounds(exception_type, stack=lines, message=message),
    )


def _native_crash(received: ReceivedEvent) -> NativeCrash:
    return native_crash(
        release=received.release,
        app_version=received.context.get("app_version"),
        environment=received.environment,
        user_id=received.user_id,
        tags=received.tags,
    )


def _content(
    received: ReceivedEvent, cleaner: EventCleaner, crash: NativeCrash | None
) -> dict[str, Any]:
    """What is shown of an event; the parts that are cut first when there is too much come last."""
    user_id = received.user_id
    content = {
        "user_id_anon": cleaner.text(user_id, max_chars=LABEL_MAX_CHARS) if user_id else None,
        "context": {
            name: cleaner.text(value, max_chars=LABEL_MAX_CHARS)
            for name, value in received.context.items()
        },
        "stack": cleaner.stack(received.stack),
        "mechanism": cleaner.mapping(received.mechanism),
        "tags": cleaner.mapping(received.tags),
        "breadcrumbs": cleaner.breadcrumbs(received.breadcrumbs),
        "contexts": cleaner.mapping(received.contexts),
        "extra": cleaner.mapping(received.extra),
    }
    if received.occurred_at is not None:
        content["occurred_at"] = wire_time(received.occurred_at)
    if received.dist is not None:
        content["dist"] = cleaner.text(received.dist, max_chars=LABEL_MAX_CHARS)
    if crash is not None:
        content["native_crash"] = _told_of(crash, cleaner)
    meta: dict[str, Any] = {"cut": dict(cleaner.cut)}
    if received.left_out:
        meta["left_out"] = dict.fromkeys(received.left_out, 1)
    return {**content, "_meta": meta}


def _told_of(crash: NativeCrash, cleaner: EventCleaner) -> dict[str, str | None]:
    """What the columns of the event do not hold: they are those of the version that crashed."""
    reported_by = crash.reported_by
    return {
        "version": cleaner.text(crash.version, max_chars=LABEL_MAX_CHARS),
        "reported_by": reported_by and cleaner.text(reported_by, max_chars=LABEL_MAX_CHARS),
        "crashed_at": wire_time(crash.crashed_at),
    }
