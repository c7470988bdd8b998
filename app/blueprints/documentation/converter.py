"""marshmallow schemas as JSON Schema: what apispec's own converter does not know of ours."""

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_instance
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

from app.web.schemas import AnswerSchema


class Converter(OpenAPIConverter):
    """Adds a schema's example, and that an answer always has all its fields.

    What a field's metadata calls `lifted` is a schema whose fields stand in its place, if kept.
    """

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        convert: Any = super().schema2jsonschema  # untyped in apispec
        converted: dict[str, Any] = convert(schema)
        described = resolve_schema_instance(schema)
        if isinstance(described, AnswerSchema):
            converted["required"] = list(converted["properties"])
            for name, field in described.fields.items():
                if lifted := field.metadata.get("lifted"):  # its keys stand beside it, not it
                    converted["required"].remove(name)
                    del converted["properties"][name]
                    converted["properties"] |= self.schema2jsonschema(lifted)["properties"]
        if example := getattr(described, "example", None):
            converted["examples"] = [example]
        return converted


class Plugin(MarshmallowPlugin):
    Converter = Converter

    def init_spec(self, spec: Any) -> None:
        super().init_spec(spec)
        assert self.converter is not None
        self.converter.add_attribute_function(describe_field)  # type: ignore[no-untyped-call]


def describe_field(self: Any, field: fields.Field[Any], ret: dict[str, Any]) -> dict[str, Any]:
    """What a field tells about itself, and null where it is taken. A method of the converter."""
    if ret.get("default", ...) is None:
        del ret["default"]  # it stands for "not sent", and null is not what to send then
    if not hasattr(field, "json_schema"):
        return {}
    described: dict[str, Any] = field.json_schema()
    is_shown = isinstance(field.parent, AnswerSchema)
    if field.allow_none if is_shown else not field.required:
        if "enum" in described:
            described["enum"] = [*described["enum"], None]
        if "type" in described:  # a schema without a type takes everything, so also null
            described["type"] = [described["type"], "null"]
    return described
