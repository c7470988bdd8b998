"""People who read feedback. So far: commands only, for whoever has the instance's shell."""

from flask import Blueprint

from app.blueprints.accounts import commands

blueprint = Blueprint("accounts", __name__, cli_group=None)
blueprint.cli.add_command(commands.accounts_group)

__all__ = ["blueprint"]
