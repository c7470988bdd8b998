"""What SDKs post about crashes and errors (contract section 3.4).

SDKs differ: the stack is an array, a string or null; PHP sends `[]` for an empty object; keys that
no SDK of ours knows are kept under `extra`. A part that cannot be used is left out and counted in
`_meta`, and never costs the event.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load, pre_load

from app.domain.event_content import EventCleaner, stack_lines
from app.domain.field_limits import (
    EVENT_MESSAGE_MAX_CHARS,
    EXCEPTION_TYPE_MAX_CHARS,
    LABEL_MAX_CHARS,
)
from app.domain.fingerprint import fingerprint
from app.domain.issue_status import EventLevel
from app.domain.native_crash import NativeCrash, is_native_crash, native_crash
from app.domain.releases import DEFAULT_ENVIRONMENT
from app.domain.text import storable
from app.domain.times import wire_time
from app.domain.user_key import names_nobody
from app.services.issues.events import NewEvent
from app.web.schemas import CutText, WireChoice, WireSchema

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
# No text is cut here: it is scrubbed whole first, so that no half address stays.
_UNCUT = 2**31
_OBJECT = {"description": "An object; anything else is left out."}


class MendedText(CutText):
    """Text in which what no store can hold is replaced: nobody is there to mend it.

    NaN and the infinities, which JSON does not have, are text here; other numbers are refused.
    """

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        if isinstance(value, str):
            value = storable(value)
        elif isinstance(value, float) and not math.isfinite(value):
            value = str(value)
        return super().deserialize(value, attr, data, **kwargs)


class _LeftOut:
    """In place of a value that cannot be used, until `_meta` names its field."""


_LEFT_OUT = _LeftOut()


class ContextText(MendedText):
    """What a platform tells of itself: Android's own calls give numbers where others give text."""

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        # Not asked of an integer, which may be larger than any float.
        if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
            value = json.dumps(value)
        elif isinstance(value, list | dict):
            return _LEFT_OUT
        return super().deserialize(value, attr, data, **kwargs)

    def json_schema(self) -> dict[str, Any]:
        return {
            "description": "A string, cut when it is too long; a number, true and false become"
            " text, and anything else is left out."
        }


class LooseChoice(WireChoice):
    """One of a few words; another word is left out."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and value not in self.choices:
            return _LEFT_OUT
        return super()._deserialize(value, attr, data, **kwargs)


class EventSchema(WireSchema):
    """One crash or error; only its type is required."""

    example = {
        "exception_type": "TypeError",
        "message": "total is undefined",
        "release": "1.4.2",
        "stack": ["at pay (cart.js:10:3)", "at onPress (cart.js:2:1)"],
        "app_id": "com.acme.app",
    }

    exception_type = MendedText(required=True, max_chars=_UNCUT)
    message = MendedText(max_chars=_UNCUT)
    level = LooseChoice(tuple(EventLevel), load_default=EventLevel.ERROR)
    release = MendedText(max_chars=_UNCUT)
    environment = MendedText(max_chars=_UNCUT)
    platform = MendedText(max_chars=_UNCUT)
    app_id = MendedText(max_chars=_UNCUT)
    user_id_anon = MendedText(max_chars=_UNCUT)
    app_version = ContextText(max_chars=_UNCUT)
    app_build = ContextText(max_chars=_UNCUT)
    os_name = ContextText(max_chars=_UNCUT)
    os_version = ContextText(max_chars=_UNCUT)
    device_model = ContextText(max_chars=_UNCUT)
    device_manufacturer = ContextText(max_chars=_UNCUT)
    locale = ContextText(max_chars=_UNCUT)
    timezone = ContextText(max_chars=_UNCUT)
    stack = fields.Raw(
        load_default=None, metadata={"description": "An array of lines, or one text."}
    )
    user = fields.Raw(load_default=None, metadata={"description": "An object; its `id` is kept."})
    tags = fields.Raw(load_default=None, metadata=_OBJECT)
    contexts = fields.Raw(load_default=None, metadata=_OBJECT)
    mechanism = fields.Raw(load_default=None, metadata=_OBJECT)
    breadcrumbs = fields.Raw(
        load_default=None, metadata={"description": "An array, oldest first; the newest are kept."}
    )
    screenshot = fields.Raw(load_default=None, metadata={"description": "Accepted and dropped."})
    extra = fields.Raw(load_default=None, metadata=_OBJECT)

    @pre_load
    def _keep_unknown_keys(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """And what is no object in `extra`, under its own name."""
        unknown = {key: value for key, value in data.items() if key not in self.fields}
        extra = data.get("extra")
        given = extra if isinstance(extra, dict) else ({"extra": extra} if extra else {})
        twice = {key: unknown.pop(key) for key in unknown.keys() & given.keys()}
        beside = {"beside_extra": twice} if twice else {}
        return {**data, "extra": {**unknown, **given, **beside}}

    @post_load
    def _to_event(self, values: dict[str, Any], **_: object) -> NewEvent:
        left_out = [name for name, value in values.items() if value is _LEFT_OUT]
        values |= dict.fromkeys(left_out)
        cleaner = EventCleaner()
        exception_type = cleaner.text(values["exception_type"], max_chars=EXCEPTION_TYPE_MAX_CHARS)
        message = values["message"]
        if message is not None:
            message = cleaner.text(message, max_chars=EVENT_MESSAGE_MAX_CHARS)
        # By the lines as they came: `pay@main.jsbundle` is a frame, and looks like an address.
        group = fingerprint(exception_type, stack=stack_lines(values["stack"]), message=message)
        release = values["release"] or values["app_version"]
        crash = _native_crash(values) if is_native_crash(values["mechanism"]) else None
        if release and crash is not None:
            release = crash.release
        return NewEvent(
            exception_type=exception_type,
            fingerprint=group,
            message=message,
            level=EventLevel(values["level"] or EventLevel.ERROR),
            release=cleaner.label(release) if release else None,
            environment=cleaner.label(values["environment"] or DEFAULT_ENVIRONMENT),
            platform=cleaner.label(values["platform"]) if values["platform"] else None,
            app_id=cleaner.label(values["app_id"]) if values["app_id"] else None,
            crash=crash,
            content=_content(values, cleaner, crash, left_out),
            redactions=cleaner.redacted,
        )


def _content(
    values: dict[str, Any], cleaner: EventCleaner, crash: NativeCrash | None, left_out: list[str]
) -> dict[str, Any]:
    """What is shown of an event; the parts that are cut first when there is too much come last."""
    user_id = _user_id(values["user_id_anon"], values["user"])
    content = {
        "user_id_anon": cleaner.text(user_id, max_chars=LABEL_MAX_CHARS) if user_id else None,
        "context": {
            key: cleaner.text(values[key], max_chars=LABEL_MAX_CHARS)
            for key in _CONTEXT_KEYS
            if values[key]
        },
        "stack": cleaner.stack(values["stack"]),
        "mechanism": cleaner.mapping(values["mechanism"]),
        "tags": cleaner.mapping(values["tags"]),
        "breadcrumbs": cleaner.breadcrumbs(values["breadcrumbs"]),
        "contexts": cleaner.mapping(values["contexts"]),
        "extra": cleaner.mapping(values["extra"]),
    }
    if crash is not None:
        content["native_crash"] = _told_of(crash, cleaner)
    meta: dict[str, Any] = {"cut": dict(cleaner.cut)}
    if told := [*left_out, *(["pictures"] if values["screenshot"] else [])]:
        meta["left_out"] = dict.fromkeys(told, 1)
    return {**content, "_meta": meta}


def _told_of(crash: NativeCrash, cleaner: EventCleaner) -> dict[str, str | None]:
    """What the columns of the event do not hold: they are those of the version that crashed."""
    reported_by = crash.reported_by
    return {
        "version": cleaner.text(crash.version, max_chars=LABEL_MAX_CHARS),
        "reported_by": reported_by and cleaner.text(reported_by, max_chars=LABEL_MAX_CHARS),
        "crashed_at": wire_time(crash.crashed_at),
    }


def _native_crash(values: dict[str, Any]) -> NativeCrash:
    return native_crash(
        release=values["release"],
        app_version=values["app_version"],
        environment=values["environment"],
        user_id=_user_id(values["user_id_anon"], values["user"]),
        tags=values["tags"],
    )


def _user_id(user_id_anon: str | None, user: object) -> str | None:
    """The first of them that is somebody; apps send `user.id` as a number, too."""
    user_id = user.get("id") if isinstance(user, dict) else None
    given = str(user_id) if isinstance(user_id, str | int) else None
    return next((each for each in (user_id_anon, given) if each and not names_nobody(each)), None)
