"""The OpenAPI document of an app, from what its views tell (`app.web.openapi`) and its addresses.

It knows no other blueprint: a plugin's documented views appear by themselves, undocumented ones do
not.
"""

import inspect
import re
from collections import defaultdict
from typing import Any

from apispec import APISpec
from flask import Flask
from werkzeug.routing import Rule

from app.blueprints.documentation.converter import Plugin
from app.blueprints.documentation.schemas import ErrorSchema, ProblemSchema
from app.blueprints.documentation.words import ABOUT, BEFORE_ROUTES, REFUSALS, SCHEMES, SECURITY
from app.domain.field_limits import MAX_ID
from app.web.openapi import (
    Answer,
    AnySchema,
    Credentials,
    Documentation,
    Media,
    documentation_of,
    title_of,
)
from app.web.refusals import status_phrase

PUBLIC_VERSION = "3.1.0"

_WAITS = (429, 503)
_NAME = re.compile(r"<(?:(?P<converter>\w+)(?:\([^>]*\))?:)?(?P<name>\w+)>")


def describe(app: Flask, *, openapi_version: str) -> dict[str, Any]:
    """The document, ready for JSON."""
    plugin = Plugin()
    spec = APISpec(
        title="pionne-feedback",
        version="1",
        openapi_version=openapi_version,
        info={"description": ABOUT},
        plugins=[plugin],
    )
    for name, scheme in SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema("Error", schema=ErrorSchema)
    spec.components.schema("Problem", schema=ProblemSchema)
    for status, meaning in REFUSALS.items():
        spec.components.response(str(status), _refusal(status, meaning))
    used: set[str] = set()
    for (endpoint, method), rules in _rules(app).items():
        view = app.view_functions[endpoint]
        described = documentation_of(view)
        if described is not None and not described.is_page:
            shown, *others = sorted(rules, key=_preference)
            tag = endpoint.partition(".")[0]
            used.add(tag)
            operation = {
                "operationId": endpoint.rpartition(".")[2],
                "tags": [tag],
                **_told(view, endpoint, [rule for rule in others if not _is_same(rule, shown)]),
                **_operation(described, shown, plugin),
            }
            spec.path(path=_path(shown), operations={method.lower(): operation})
    titles = {tag: title_of(blueprint) for tag, blueprint in app.blueprints.items()}
    # In the order in which they are switched on; a view that is in none has itself as its tag.
    for tag in sorted(used, key=[*titles, *sorted(used - set(titles))].index):
        spec.tag({"name": tag, "description": titles.get(tag, tag)})
    return spec.to_dict()


def _rules(app: Flask) -> dict[tuple[str, str], list[Rule]]:
    """The addresses of each view and method."""
    rules: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            rules[rule.endpoint, method].append(rule)
    return rules


def _told(view: object, endpoint: str, others: list[Rule]) -> dict[str, str]:
    """The words of the view's docstring: its first line, then the rest and other addresses."""
    summary, _, more = (inspect.getdoc(view) or endpoint).partition("\n")
    paragraphs = [more.strip(), *(f"Also at `{_path(rule)}`." for rule in others)]
    description = "\n\n".join(filter(None, paragraphs))
    return {"summary": summary, **({"description": description} if description else {})}


def _preference(rule: Rule) -> tuple[bool, int]:
    """The form below /api first, then the short one."""
    return not rule.rule.startswith("/api/"), len(rule.rule)


def _is_same(rule: Rule, shown: Rule) -> bool:
    return rule.rule.rstrip("/") == shown.rule.rstrip("/")


def _path(rule: Rule) -> str:
    return _NAME.sub(r"{\g<name>}", rule.rule)


def _operation(described: Documentation, rule: Rule, plugin: Plugin) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "parameters": _parameters(described, rule, plugin),
        "security": SECURITY[described.credentials],
        "responses": {
            str(status): _answer(status, schema) for status, schema in described.answers.items()
        },
    }
    for status in sorted(_refused(described, rule)):
        operation["responses"][str(status)] = str(status)
    if described.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(described.body)}
    return operation


def _refused(described: Documentation, rule: Rule) -> set[int]:
    """The statuses of refusals, which `app.web.openapi` explains."""
    knows_caller = described.credentials is not Credentials.ANYBODY
    knows_account = described.credentials is Credentials.USER_TOKEN
    return {
        500,
        *BEFORE_ROUTES,
        *described.refuses,
        *([401] if knows_caller else []),
        # An API token may be one that only reads.
        *([403] if knows_account and "GET" not in (rule.methods or set()) else []),
        *([404] if rule.arguments else []),
        *([413, 503] if knows_caller or described.body else []),
        # Account routes refuse query parameters that they do not know.
        *([422] if knows_account or described.body or described.query or described.headers else []),
    }


def _parameters(described: Documentation, rule: Rule, plugin: Plugin) -> list[dict[str, Any]]:
    parameters = [_path_parameter(match) for match in _NAME.finditer(rule.rule)]
    assert plugin.converter is not None
    for location, schema in (("query", described.query), ("header", described.headers)):
        if schema is not None:
            found = plugin.converter.schema2parameters(schema, location=location)
            parameters += [_without_null(parameter) for parameter in found]
    return parameters


def _path_parameter(match: re.Match[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    if match["converter"] == "path":
        schema = {"type": "string", "minLength": 1}
    return {"in": "path", "name": match["name"], "required": True, "schema": schema}


def _without_null(parameter: dict[str, Any]) -> dict[str, Any]:
    """An address cannot say null."""
    schema = dict(parameter["schema"])
    if isinstance(schema.get("type"), list):
        schema["type"] = schema["type"][0]
    if "enum" in schema:
        schema["enum"] = [choice for choice in schema["enum"] if choice is not None]
    return parameter | {"schema": schema}


def _answer(status: int, schema: Answer) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": status_phrase(status)}
    if isinstance(schema, Media):
        text = {"schema": {"type": "string"}, "example": schema.example}
        answer["content"] = {schema.type: text}
    elif isinstance(schema, tuple):
        first, *_ = (_content(one)["application/json"] for one in schema)
        alternatives = {"schema": {"anyOf": list(schema)}}
        answer["content"] = {"application/json": first | alternatives}
    elif schema is not None:
        answer["content"] = _content(schema)
    return answer


def _content(schema: AnySchema) -> dict[str, Any]:
    example = getattr(schema, "example", None)
    return {"application/json": {"schema": schema, **({"example": example} if example else {})}}


def _refusal(status: int, meaning: str) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": ErrorSchema}}
    if status not in BEFORE_ROUTES:  # these are answered before anybody looks at Accept
        content["application/problem+json"] = {"schema": ProblemSchema}
    refusal: dict[str, Any] = {"description": meaning, "content": content}
    if status in _WAITS:
        refusal["headers"] = {
            "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}
        }
    return refusal
