"""The blueprint itself, where its requests have their token, and how it registers a route."""

from collections.abc import Callable

from flask import Blueprint, Request
from flask.typing import RouteCallable

from app.domain.losses import LossKind
from app.web.openapi import entitle
from app.web.project_token import TokenReader
from app.web.public_posts import PublicPosts

blueprint = Blueprint("ingest", __name__)
entitle(blueprint, "What apps send")


def _read_token(asked: Request) -> str:
    """`?token=` is for beacons, which cannot set headers; the header wins."""
    return asked.headers.get("X-Pionne-Token", "").strip() or asked.args.get("token", "")


posts = PublicPosts(
    blueprint,
    TokenReader(read=_read_token, header="X-Pionne-Token", otherwise="as ?token="),
)


def public_post(
    *rules: str, kind: LossKind, max_body_bytes: Callable[[], int] | None = None
) -> Callable[[RouteCallable], RouteCallable]:
    """Registers a view for POST at the rules, with and without `/api`, because SDK bases differ.

    Other forms of these addresses are taken back to them in `app.blueprints.ingest.addresses`.
    """
    both = [form for rule in rules for form in (rule, f"/api{rule.rstrip('/')}")]

    def register(view: RouteCallable) -> RouteCallable:
        return posts.add(view, both, kind=kind, max_body_bytes=max_body_bytes)

    return register
