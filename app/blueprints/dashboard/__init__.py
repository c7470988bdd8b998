"""The read side: what a team sees and decides, with a user token."""

from app.blueprints.dashboard import commands, feedback_routes, issue_routes, release_routes
from app.blueprints.dashboard.blueprint import blueprint

blueprint.cli.add_command(commands.projects_group)
blueprint.cli.add_command(commands.demo)

__all__ = ["blueprint", "feedback_routes", "issue_routes", "release_routes"]
