"""The API described: OpenAPI at /api/openapi.json, and a page to read it at /api/docs."""

from flask import Flask

from app.blueprints.documentation import routes
from app.blueprints.documentation.blueprint import blueprint
from app.web.openapi import show_docs_at

__all__ = ["blueprint", "init_app", "routes"]


def init_app(app: Flask) -> None:
    show_docs_at(app, f"{blueprint.name}.{routes.read_docs.__name__}")
