"""The API described: OpenAPI at /api/openapi.json, and a page to read it at /api/docs."""

from app.blueprints.documentation import routes
from app.blueprints.documentation.blueprint import blueprint

__all__ = ["blueprint", "routes"]
