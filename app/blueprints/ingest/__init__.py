"""The write side: what SDKs post with a project token, from any origin."""

from flask import Flask

from app.blueprints.ingest import routes
from app.blueprints.ingest.addresses import AnyEndpoint, is_near
from app.blueprints.ingest.blueprint import blueprint, posts
from app.web.cors import publish

__all__ = ["blueprint", "init_app", "routes"]


def init_app(app: Flask) -> None:
    app.wsgi_app = AnyEndpoint(app.wsgi_app)  # type: ignore[method-assign]
    publish(app, blueprint, is_near=is_near)
    posts.count_strays(app, is_near=is_near)
