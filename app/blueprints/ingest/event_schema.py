"""What SDKs post about crashes and errors (contract section 3.4).

SDKs differ: the stack is an array, a string or null; PHP sends `[]` for an empty object; keys that
no SDK of ours knows are kept under `extra`. A part that cannot be used is left out and counted in
`_meta`, and never costs the event.
"""

from typing import Any

from marshmallow import fields, post_load, pre_load

from app.domain.event_content import EventCleaner
from app.domain.field_limits import (
    EVENT_MESSAGE_MAX_CHARS,
    EXCEPTION_TYPE_MAX_CHARS,
    LABEL_MAX_CHARS,
)
from app.domain.fingerprint import fingerprint
from app.domain.issue_status import EventLevel
from app.domain.releases import DEFAULT_ENVIRONMENT
from app.schemas import CutText, WireChoice, WireSchema
from app.services.events import NewEvent

_CONTEXT_KEYS = (
    "app_version",
    "app_build",
    "os_name",
    "os_version",
    "device_model",
    "device_manufacturer",
    "locale",
    "timezone",
)
# Longer than what is kept: a message is scrubbed whole, then cut, so that no half address stays.
_UNCUT = 2**31


class EventSchema(WireSchema):
    """One crash or error; only its type is required."""

    exception_type = CutText(required=True, max_chars=_UNCUT)
    message = CutText(max_chars=_UNCUT)
    level = WireChoice(tuple(EventLevel), load_default=EventLevel.ERROR)
    release = CutText(max_chars=LABEL_MAX_CHARS)
    environment = CutText(max_chars=LABEL_MAX_CHARS)
    platform = CutText(max_chars=LABEL_MAX_CHARS)
    app_id = CutText(max_chars=LABEL_MAX_CHARS)
    user_id_anon = CutText(max_chars=LABEL_MAX_CHARS)
    app_version = CutText(max_chars=LABEL_MAX_CHARS)
    app_build = CutText(max_chars=LABEL_MAX_CHARS)
    os_name = CutText(max_chars=LABEL_MAX_CHARS)
    os_version = CutText(max_chars=LABEL_MAX_CHARS)
    device_model = CutText(max_chars=LABEL_MAX_CHARS)
    device_manufacturer = CutText(max_chars=LABEL_MAX_CHARS)
    locale = CutText(max_chars=LABEL_MAX_CHARS)
    timezone = CutText(max_chars=LABEL_MAX_CHARS)
    stack = fields.Raw(load_default=None)
    user = fields.Raw(load_default=None)
    tags = fields.Raw(load_default=None)
    contexts = fields.Raw(load_default=None)
    mechanism = fields.Raw(load_default=None)
    breadcrumbs = fields.Raw(load_default=None)
    screenshot = fields.Raw(load_default=None)
    extra = fields.Raw(load_default=None)

    @pre_load
    def _keep_unknown_keys(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        unknown = {key: value for key, value in data.items() if key not in self.fields}
        if not unknown:
            return data
        extra = data.get("extra")
        given = extra if isinstance(extra, dict) else ({"extra": extra} if extra else {})
        return {**data, "extra": {**unknown, **given}}

    @post_load
    def _to_event(self, values: dict[str, Any], **_: object) -> NewEvent:
        cleaner = EventCleaner()
        stack = cleaner.stack(values["stack"])
        message = values["message"]
        if message is not None:
            message = cleaner.text(message, max_chars=EVENT_MESSAGE_MAX_CHARS)
        exception_type = cleaner.text(values["exception_type"], max_chars=EXCEPTION_TYPE_MAX_CHARS)
        if values["screenshot"]:
            cleaner.drop()
        user_id = values["user_id_anon"] or _user_id(values["user"])
        content = {
            "stack": stack,
            "breadcrumbs": cleaner.breadcrumbs(values["breadcrumbs"]),
            "tags": cleaner.mapping(values["tags"]),
            "contexts": cleaner.mapping(values["contexts"]),
            "mechanism": cleaner.mapping(values["mechanism"]),
            "extra": cleaner.mapping(values["extra"]),
            "context": {
                key: cleaner.text(values[key], max_chars=LABEL_MAX_CHARS)
                for key in _CONTEXT_KEYS
                if values[key]
            },
            "user_id_anon": (cleaner.text(user_id, max_chars=LABEL_MAX_CHARS) if user_id else None),
            "_meta": {"cut": dict(cleaner.cut)},
        }
        return NewEvent(
            exception_type=exception_type,
            fingerprint=fingerprint(exception_type, stack=stack, message=message),
            message=message,
            level=EventLevel(values["level"]),
            release=values["release"] or values["app_version"],
            environment=values["environment"] or DEFAULT_ENVIRONMENT,
            platform=values["platform"],
            app_id=values["app_id"],
            content=content,
        )


def _user_id(user: object) -> str | None:
    """`user.id`, which some apps send as a number."""
    user_id = user.get("id") if isinstance(user, dict) else None
    return str(user_id) if isinstance(user_id, str | int) and user_id != "" else None
