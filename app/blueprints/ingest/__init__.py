"""The write side: what SDKs post with a project token, from any origin."""

from flask import Flask

from app.blueprints.ingest.cors import init_cors
from app.blueprints.ingest.routes import blueprint

__all__ = ["blueprint", "init_app"]


def init_app(app: Flask) -> None:
    init_cors(app, blueprint_name=blueprint.name)
