"""What the schemas of bodies and answers are made from."""

from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema


class WireSchema(Schema):
    """A schema that ignores unknown fields: SDKs and their users add keys."""

    # For the API's description; a field that nests a schema takes its example from there.
    example: ClassVar[dict[str, Any]] = {}

    class Meta:
        unknown = EXCLUDE


class AnswerSchema(WireSchema):
    """What a view shows. Every field is always there; `allow_none` says that it may be null."""
