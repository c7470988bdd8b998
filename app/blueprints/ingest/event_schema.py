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

from app.domain.field_limits import EVENT_TEXT_MAX_BYTES
from app.domain.issue_status import EventLevel
from app.domain.received_event import ReceivedEvent
from app.domain.text import bare_name, storable
from app.domain.user_key import names_nobody
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
# No text is cut to its column here: it is scrubbed first, so that no half address stays.
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
            value = storable(value[:EVENT_TEXT_MAX_BYTES])  # no more is ever looked at
        elif isinstance(value, float) and not math.isfinite(value):
            value = str(value)
        return super().deserialize(value, attr, data, **kwargs)


class MendedName(MendedText):
    """What something is called: equal names must be one."""

    trim = staticmethod(bare_name)


class _LeftOut:
    """In place of a value that cannot be used, until `_meta` names its field."""


_LEFT_OUT = _LeftOut()


class ContextText(MendedName):
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
    release = MendedName(max_chars=_UNCUT)
    environment = MendedName(max_chars=_UNCUT)
    platform = MendedName(max_chars=_UNCUT)
    app_id = MendedName(max_chars=_UNCUT)
    user_id_anon = MendedName(max_chars=_UNCUT)
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
        known = {name: data[name] for name in self.fields if name in data}
        unknown = {name: data[name] for name in data if name not in self.fields}
        extra = data.get("extra")
        given = extra if isinstance(extra, dict) else ({"extra": extra} if extra else {})
        twice = {key: unknown.pop(key) for key in unknown.keys() & given.keys()}
        beside = {"beside_extra": twice} if twice else {}
        return {**known, "extra": {**unknown, **given, **beside}}

    @post_load
    def _to_received(self, values: dict[str, Any], **_: object) -> ReceivedEvent:
        left_out = [name for name, value in values.items() if value is _LEFT_OUT]
        values |= dict.fromkeys(left_out)
        if values["screenshot"]:
            left_out.append("pictures")
        return ReceivedEvent(
            exception_type=values["exception_type"],
            message=values["message"],
            level=EventLevel(values["level"] or EventLevel.ERROR),
            release=values["release"],
            environment=values["environment"],
            platform=values["platform"],
            app_id=values["app_id"],
            user_id=_user_id(values["user_id_anon"], values["user"]),
            context={key: values[key] for key in _CONTEXT_KEYS if values[key]},
            stack=values["stack"],
            mechanism=values["mechanism"],
            tags=values["tags"],
            breadcrumbs=values["breadcrumbs"],
            contexts=values["contexts"],
            extra=values["extra"],
            left_out=left_out,
        )


def _user_id(user_id_anon: str | None, user: object) -> str | None:
    """The first of them that is somebody; apps send `user.id` as a number, too."""
    user_id = user.get("id") if isinstance(user, dict) else None
    given = str(user_id) if isinstance(user_id, str | int) else None
    return next((each for each in (user_id_anon, given) if each and not names_nobody(each)), None)
