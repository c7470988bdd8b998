"""What people write, in each of the ways in which SDKs send it.

One thing to get wrong: a `user_report` has no id of its own. The id in it, and that of its
envelope, are of the error that it is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.domain.email_address import is_valid_email
from app.domain.event_content import EventCleaner
from app.domain.field_limits import (
    APP_VERSION_MAX_CHARS,
    EMAIL_MAX_CHARS,
    LABEL_MAX_CHARS,
    NAME_MAX_CHARS,
    URL_MAX_CHARS,
)
from app.domain.sentry.ids import NIL, read_id, written_id
from app.domain.sentry.loose import mapping, text
from app.domain.sentry.people import user_key_of
from app.domain.sentry.urls import masked_url
from app.domain.text import bare

# As the dialect documents it; Pionne's own is shorter.
MESSAGE_MAX_CHARS = 4096
# A user report that comes so soon after another one about the same event takes its place.
REPLACES_WITHIN = timedelta(minutes=5)
_CONTEXTS = ("os", "device", "app", "browser", "culture")
_LABELS = ("release", "environment", "dist", "platform", "level")


class InvalidFeedback(Exception):
    """It says nothing."""

    def __init__(self) -> None:
        super().__init__("The message must not be empty.")


@dataclass(frozen=True, kw_only=True)
class ReceivedFeedback:
    """`message` is scrubbed and cut, what stands beside it as typed; `details` are bounded.

    `event_ref` is the id of the event it is about, which may come later or never. Where it
    `replaces`, it takes the place of what came about that event within REPLACES_WITHIN.
    """

    message: str
    name: str | None = None
    email: str | None = None
    url: str | None = None
    app_version: str | None = None
    event_ref: bytes | None = None
    replaces: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    # How many of each kind scrubbing took out.
    redactions: Mapping[str, int] = field(default_factory=dict)


def is_feedback(item_type: str, event: Mapping[str, Any]) -> bool:
    """Whether an item is feedback: Python sends it as an event, Java without saying so within."""
    if item_type == "feedback" or event.get("type") == "feedback":
        return True
    return text(_told(event).get("message")) is not None


def received_feedback(event: Mapping[str, Any]) -> ReceivedFeedback:
    """Of an item of type `feedback`, or of an event that is one; raises InvalidFeedback."""
    told, user = _told(event), mapping(event.get("user"))
    url = text(told.get("url"))
    event_ref = told.get("associated_event_id")
    details: dict[str, Any] = {name: text(event.get(name)) for name in _LABELS}
    details |= {
        "sdk": _picked(event.get("sdk"), ("name", "version")),
        "source": text(told.get("source")),
        "tags": mapping(event.get("tags")),
        "contexts": _picked(event.get("contexts"), _CONTEXTS),
    }
    if isinstance(event_ref, str) and read_id(event_ref) is None and not _is_nil(event_ref):
        details["associated_event_id"] = text(event_ref)
    return _feedback(
        told.get("message"),
        name=text(told.get("name")) or text(user.get("name")) or text(user.get("username")),
        email=text(told.get("contact_email")) or text(user.get("email")),
        url=masked_url(url) if url else None,
        app_version=_version_of(details["release"]),
        event_ref=read_id(event_ref),
        details=details,
        user_key=user_key_of(user),
    )


def received_user_report(
    report: Mapping[str, Any], *, envelope_id: bytes | None = None
) -> ReceivedFeedback:
    """Of an item of type `user_report`, or of the form of a crash; raises InvalidFeedback."""
    told = report.get("event_id")
    event_ref = read_id(told) or (envelope_id if told is None else None)
    return _feedback(
        report.get("comments"),
        name=text(report.get("name")),
        email=text(report.get("email")),
        event_ref=event_ref,
        replaces=event_ref is not None,
        details={},
    )


def _feedback(
    message: object,
    *,
    name: str | None,
    email: str | None,
    details: Mapping[str, Any],
    url: str | None = None,
    app_version: str | None = None,
    event_ref: bytes | None = None,
    replaces: bool = False,
    user_key: bytes | None = None,
) -> ReceivedFeedback:
    shown = text(message) if isinstance(message, str) else None
    if shown is None:
        raise InvalidFeedback
    cleaner = EventCleaner()
    shown = cleaner.text(shown, max_chars=MESSAGE_MAX_CHARS)
    kept = cleaner.mapping({key: told for key, told in details.items() if told})
    address = bare(email or "")
    is_address = 0 < len(address) <= EMAIL_MAX_CHARS and is_valid_email(address)
    if address and not is_address:
        kept["contact"] = address[:LABEL_MAX_CHARS]  # as typed: it is how to reach somebody
    if user_key is not None:
        kept["user_key"] = user_key.hex()
    for told, most in ((name, NAME_MAX_CHARS), (url, URL_MAX_CHARS)):
        cleaner.cut["strings"] += told is not None and len(told) > most
    if cut := {reason: count for reason, count in cleaner.cut.items() if count}:
        kept["_meta"] = {"cut": cut}
    return ReceivedFeedback(
        message=shown,
        name=name[:NAME_MAX_CHARS] if name else None,
        email=address if is_address else None,
        url=url[:URL_MAX_CHARS] if url else None,
        app_version=app_version,
        event_ref=event_ref,
        replaces=replaces,
        details=kept,
        redactions=cleaner.redacted,
    )


def _told(event: Mapping[str, Any]) -> dict[str, Any]:
    return mapping(mapping(event.get("contexts")).get("feedback"))


def _picked(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    told = mapping(value)
    return {name: told[name] for name in names if told.get(name)}


def _is_nil(id_: str) -> bool:
    return id_.strip().replace("-", "") == written_id(NIL)


def _version_of(release: str | None) -> str | None:
    """`1.4.2` of `shop@1.4.2+33`; None for a longer one, which is a hash."""
    version = (release or "").rpartition("@")[2].partition("+")[0].strip()
    return version if 0 < len(version) <= APP_VERSION_MAX_CHARS else None
