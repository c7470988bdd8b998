"""The read side: what a team sees and decides, with a user token."""

from app.blueprints.dashboard import commands
from app.blueprints.dashboard.routes import blueprint

blueprint.cli.add_command(commands.projects_group)
blueprint.cli.add_command(commands.demo)

__all__ = ["blueprint"]
