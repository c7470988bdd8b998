"""The blueprint itself."""

from flask import Blueprint

blueprint = Blueprint("operations", __name__, cli_group=None)
