"""The write side: what SDKs post with a project token, from any origin."""

from flask import Flask

from app.blueprints.ingest import routes
from app.blueprints.ingest.addresses import AnyEndpoint
from app.blueprints.ingest.blueprint import blueprint
from app.web.cors import publish

__all__ = ["blueprint", "init_app", "routes"]


def init_app(app: Flask) -> None:
    app.wsgi_app = AnyEndpoint(app.wsgi_app)  # type: ignore[method-assign]
    publish(app, blueprint)
