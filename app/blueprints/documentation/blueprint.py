"""The blueprint itself; anybody may read it, because it describes the API and no data."""

from flask import Blueprint

from app.web.openapi import entitle

blueprint = Blueprint("documentation", __name__, url_prefix="/api", template_folder="templates")
entitle(blueprint, "This description")
