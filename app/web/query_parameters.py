"""Refuses query parameters that a view does not take; for account routes alone.

`?state=open` for `?status=open` would answer with everything, and a script that archives what it is
given would archive everything. What a view takes is what it tells with `@documented`, so a view of
an account route that reads another parameter never gets it. Public routes ignore what they do not
know: SDKs add keys.
"""

from difflib import get_close_matches

from flask import current_app, request
from marshmallow import Schema, ValidationError

from app.web.openapi import documentation_of

_SHOWN_MAX_CHARS = 50


def refuse_unknown_parameters() -> None:
    """Raises ValidationError (422) for a parameter that is unknown, or given more than once."""
    if not request.args or request.endpoint is None:
        return
    known = _known(request.endpoint)
    errors: dict[str, list[str]] = {}
    for name, values in request.args.lists():
        if name not in known:
            errors[name[:_SHOWN_MAX_CHARS]] = [_unknown(name[:_SHOWN_MAX_CHARS], known)]
        elif len(values) > 1:
            errors[name] = [f"The query parameter {name} is given {len(values)} times."]
    if errors:
        raise ValidationError(errors)


def _known(endpoint: str) -> list[str]:
    described = documentation_of(current_app.view_functions[endpoint])
    if described is None or described.query is None:
        return []
    schema = described.query if isinstance(described.query, Schema) else described.query()
    return list(schema.fields)


def _unknown(name: str, known: list[str]) -> str:
    if not known:
        return f"There is no query parameter {name!r}: this address takes none."
    meant = get_close_matches(name, known, n=1)
    hint = f" Did you mean {meant[0]}?" if meant else ""
    return f"There is no query parameter {name!r}.{hint} This address takes: {', '.join(known)}."
