"""The OpenAPI document, turned into what its page shows; all values stay plain text.

Words of the document are written in a little Markdown: paragraphs, lists and `code`. Nothing else
of it is understood, and nothing is marked as safe.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.field_limits import MAX_ID

_SCHEMA = re.compile(r"^#/components/(?:schemas|responses)/")
_WHO = {"ProjectToken": "a project token", "UserToken": "a user token"}

Document = dict[str, Any]


def reading(document: Document) -> dict[str, Any]:
    """The template's values."""
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            shown = _operation(path, method, operation)
            groups[operation["tags"][0]].append(shown)
    components = document["components"]
    return {
        "title": document["info"]["title"],
        "base": document["servers"][0]["url"],
        "about": blocks(document["info"]["description"]),
        "groups": {tag["description"]: groups[tag["name"]] for tag in document["tags"]},
        "refusals": {
            status: response["description"] for status, response in components["responses"].items()
        },
        "schemas": [
            {
                "name": name,
                "about": blocks(schema.get("description", "")),
                "fields": list(_fields(schema)),
            }
            for name, schema in sorted(components["schemas"].items())
        ],
    }


def blocks(text: str) -> list[dict[str, Any]]:
    """Paragraphs and lists, each line of words as pieces that are code or not."""
    found = []
    for part in filter(str.strip, re.split(r"\n\s*\n", text)):
        is_list = part.lstrip().startswith("- ")
        items = re.split(r"(?:^|\n)- ", part)[1:] if is_list else [part]
        found.append({"is_list": is_list, "items": [pieces(item) for item in items]})
    return found


def pieces(text: str) -> list[tuple[bool, str]]:
    """`(is_code, text)`; what stands between backticks is code."""
    parts = " ".join(text.split()).split("`")
    return [(index % 2 == 1, part) for index, part in enumerate(parts) if part]


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    responses = operation["responses"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    who = [_WHO[name] for one in operation["security"] for name in one if name in _WHO]
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": pieces(operation["summary"]),
        "about": blocks(operation.get("description", "")),
        "who": who[0] if who else None,
        "parameters": [
            {
                "name": one["name"],
                "place": one["in"],
                "is_required": one.get("required", False),
                "kind": kind(one["schema"]),
                "about": pieces(one.get("description", "")),
            }
            for one in operation["parameters"]
        ],
        "body": body and _content(body),
        "answers": [
            {"status": status, "phrase": answer["description"]} | _body(answer.get("content", {}))
            for status, answer in responses.items()
            if "$ref" not in answer
        ],
        "refusals": [status for status, answer in responses.items() if "$ref" in answer],
    }


def _body(content: Mapping[str, Any]) -> dict[str, Any]:
    """JSON as its schema; of anything else the type."""
    if not content or "application/json" in content:
        return _content(content.get("application/json", {}))
    ((media_type, shown),) = content.items()
    return {"kind": [(False, media_type)], "example": shown.get("example")}


def _content(content: Mapping[str, Any]) -> dict[str, Any]:
    example = content.get("example")
    return {
        "kind": kind(content["schema"]) if "schema" in content else None,
        "example": json.dumps(example, indent=2, ensure_ascii=False) if example else None,
    }


def _fields(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, field in schema.get("properties", {}).items():
        yield {
            "name": name,
            "is_required": name in schema.get("required", ()),
            "kind": kind(field),
            "about": pieces(field.get("description", "")),
        }


def kind(schema: Mapping[str, Any]) -> list[tuple[bool, str]]:
    """What a value may be, as `(is_name_of_schema, text)`."""
    if "$ref" in schema:
        return [(True, _SCHEMA.sub("", schema["$ref"]))]
    for several, joined in (("allOf", " and "), ("anyOf", " or "), ("oneOf", " or ")):
        if several in schema:
            kinds = [kind(one) for one in schema[several]]
            return [piece for one in kinds for piece in ((False, joined), *one)][1:]
    if "enum" in schema:
        return [(False, " | ".join(json.dumps(value) for value in schema["enum"]))]
    types = schema.get("type", "anything")
    words = " or ".join([types] if isinstance(types, str) else types)
    if "array" in types and schema.get("items"):
        or_null = [(False, " or null")] if "null" in types else []
        return [(False, "list of "), *kind(schema["items"]), *or_null]
    if isinstance(schema.get("additionalProperties"), dict):
        return [(False, f"{words} of "), *kind(schema["additionalProperties"])]
    return [(False, words + _bounds(schema))]


def _bounds(schema: Mapping[str, Any]) -> str:
    told = []
    if "format" in schema:
        told.append(schema["format"])
    if "maxLength" in schema:
        told.append(f"{schema.get('minLength', 0)} to {schema['maxLength']} characters")
    if schema.get("maximum") == MAX_ID:
        told.append(f"{schema.get('minimum', 0)} or more")
    elif "maximum" in schema:
        told.append(f"{schema.get('minimum', 0)} to {schema['maximum']}")
    return f" ({', '.join(told)})" if told else ""
