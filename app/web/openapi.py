"""What a view tells about itself, for whoever describes the API.

`@documented` only attaches; it checks nothing and changes no answer. The blueprint `documentation`
reads it back from the app's views, so it knows no other blueprint, and a plugin's views can be
described the same way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from flask import Flask, url_for
from flask.sansio.blueprints import Blueprint
from marshmallow import Schema

from app.current import this_app

AnySchema = Schema | type[Schema]
View = TypeVar("View", bound=Callable[..., object])

_ATTRIBUTE = "documentation"
_TITLE = "documentation_title"
_DOCS = "documentation_endpoint"


class Credentials(StrEnum):
    """Who may call."""

    ANYBODY = "anybody"
    PROJECT_TOKEN = "project token"
    USER_TOKEN = "user token"


@dataclass(frozen=True)
class Media:
    """A body that is no JSON: its type, such as `image/svg+xml`, and how one looks."""

    type: str
    example: str


Answer = AnySchema | tuple[AnySchema, ...] | Media | None


@dataclass(frozen=True, kw_only=True)
class Documentation:
    """One view. An answer of None has no body; several schemas are alternatives."""

    answers: Mapping[int, Answer] = field(default_factory=dict)
    body: AnySchema | None = None
    query: AnySchema | None = None
    headers: AnySchema | None = None
    credentials: Credentials = Credentials.USER_TOKEN
    # Past what follows from the rest: 401 from credentials, 403 from a user token that may only
    # read, 404 from a path with names, 422 from a body, a query, headers or a user token, 413 and
    # 503 from reading requests and the database, and 500. An operation names its method, so 405 is
    # nobody's.
    refuses: tuple[int, ...] = ()
    is_page: bool = False


def documented(
    *,
    answers: Mapping[int, Answer],
    body: AnySchema | None = None,
    query: AnySchema | None = None,
    headers: AnySchema | None = None,
    credentials: Credentials = Credentials.USER_TOKEN,
    refuses: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """Describes a view by the schemas that it uses; the words come from its docstring.

    Names in the path are ids, but for those that take slashes (`<path:…>`), which are text.
    """
    described = Documentation(
        answers=answers,
        body=body,
        query=query,
        headers=headers,
        credentials=credentials,
        refuses=refuses,
    )
    return lambda view: _attach(view, described)


def page(view: View) -> View:
    """For a view that is no part of the JSON API and its description, such as a page for people."""
    return _attach(view, Documentation(is_page=True))


def entitle(blueprint: Blueprint, title: str) -> None:
    """Say how whoever reads the API's description calls what the blueprint does."""
    setattr(blueprint, _TITLE, title)


def title_of(blueprint: Blueprint) -> str:
    """Its name where it has no title."""
    return str(getattr(blueprint, _TITLE, blueprint.name))


def show_docs_at(app: Flask, endpoint: str) -> None:
    """Say where the description can be read; for the `init_app` of the plugin that shows it."""
    app.extensions[_DOCS] = endpoint


def docs_address() -> str | None:
    """None where no plugin shows the description."""
    endpoint = this_app().extensions.get(_DOCS)
    return None if endpoint is None else url_for(endpoint)


def documentation_of(view: Callable[..., object]) -> Documentation | None:
    """None for a view that tells nothing. Decorators that use functools.wraps keep it."""
    found = getattr(view, _ATTRIBUTE, None)
    return found if isinstance(found, Documentation) else None


def _attach(view: View, described: Documentation) -> View:
    setattr(view, _ATTRIBUTE, described)
    return view
