"""Events: what an SDK tells of a crash, an error or a message, in our own terms.

Much of what it tells is never kept: headers, cookies and bodies of requests, local variables, lines
of source, addresses and names of people. What is not read here is not there.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.issue_status import EventLevel
from app.domain.received_event import ReceivedEvent
from app.domain.sentry.breadcrumbs import breadcrumbs_of
from app.domain.sentry.clock import DeviceClock
from app.domain.sentry.loose import mapping, paired, said, text
from app.domain.sentry.messages import Message, level_of, message_of
from app.domain.sentry.people import user_id_anon
from app.domain.sentry.stack import Thrown
from app.domain.sentry.urls import masked_url

# In place of the type of an exception, where there is none.
MESSAGE_TYPE = "Message"
_FINGERPRINT_MAX_PARTS = 100
_DEFAULT = re.compile(r"\{\{\s*default\s*\}\}")
# Of what the platform tells of itself: our name, the context, and the names there.
_OF_CONTEXTS = (
    ("app_version", "app", ("app_version",)),
    ("app_build", "app", ("app_build",)),
    ("os_name", "os", ("name",)),
    ("os_version", "os", ("version",)),
    ("device_model", "device", ("model",)),
    ("device_manufacturer", "device", ("manufacturer", "brand")),
    ("locale", "culture", ("locale",)),
    ("timezone", "culture", ("timezone",)),
)


def received_event(event: Mapping[str, Any], *, clock: DeviceClock) -> ReceivedEvent:
    """Any object is an event; what cannot be used of it is left out."""
    thrown, message, level = Thrown(event), message_of(event), level_of(event)
    exception = thrown.exception or {}
    exception_type, value = text(exception.get("type")), said(exception.get("value"))
    if exception_type is None:
        shown = message or (Message(value, value) if value else None)
    else:
        shown = Message(value, value) if value else message
    mechanism = mapping(exception.get("mechanism"))
    # A synthetic stack is where the message was told, and the same for all that one place tells.
    is_thrown = exception_type is not None and mechanism.get("synthetic") is not True
    return ReceivedEvent(
        exception_type=exception_type or MESSAGE_TYPE,
        message=shown.text if shown else None,
        level=level or EventLevel.ERROR,
        release=text(event.get("release")),
        environment=text(event.get("environment")),
        platform=text(event.get("platform")),
        user_id=user_id_anon(event.get("user")),
        occurred_at=clock.time(event.get("timestamp")),
        dist=text(event.get("dist")),
        context=_context(event, beside=_beside(exception, message)),
        stack=thrown.lines(),
        frames=thrown.counted_frames() if is_thrown or shown is None else [],
        template=_template(shown),
        fingerprint=_fingerprint(event.get("fingerprint")),
        mechanism={name: mechanism[name] for name in ("type", "handled") if name in mechanism},
        tells_crash_before=False,
        tags=paired(event.get("tags")),
        breadcrumbs=breadcrumbs_of(event.get("breadcrumbs")),
        contexts=paired(event.get("contexts")),
        extra=paired(event.get("extra")),
        left_out=[] if level else ["level"],
    )


def _template(message: Message | None) -> str | None:
    return message.template if message is not None and message.template != message.text else None


def _beside(exception: Mapping[str, Any], message: Message | None) -> str | None:
    """What was logged as the exception was caught, where it says more than the exception."""
    type_, value = text(exception.get("type")), said(exception.get("value"))
    if message is None or value is None or message.text in (value, f"{type_}: {value}"):
        return None
    return message.text if type_ is not None else value


def _fingerprint(value: object) -> tuple[str | None, ...]:
    """That of the app itself; an empty one says no more than the default alone."""
    told = value if isinstance(value, list) else [value]
    parts = [part for each in told[:_FINGERPRINT_MAX_PARTS] if (part := text(each))]
    given = tuple(None if _DEFAULT.fullmatch(part) else part for part in parts)
    return given if any(given) else ()


def _context(event: Mapping[str, Any], *, beside: str | None) -> dict[str, str]:
    """What is told of the platform and the request, by name; `beside` is what else it says."""
    contexts, request = mapping(event.get("contexts")), mapping(event.get("request"))
    told: dict[str, str | None] = {
        name: next(filter(None, (text(mapping(contexts.get(of)).get(key)) for key in keys)), None)
        for name, of, keys in _OF_CONTEXTS
    }
    url = text(request.get("url"))
    told |= {
        "transaction": text(event.get("transaction")),
        "url": masked_url(url) if url else None,
        "method": text(request.get("method")),
        "sdk": sdk_of(event),
        "message": beside,
    }
    return {name: value for name, value in told.items() if value}


def sdk_of(event: Mapping[str, Any]) -> str | None:
    """Its name and version."""
    sdk = mapping(event.get("sdk"))
    told = (text(sdk.get("name")), text(sdk.get("version")))
    return " ".join(filter(None, told)) or None
