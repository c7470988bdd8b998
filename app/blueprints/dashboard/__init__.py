"""The read side: what a team sees and decides, with a user token."""

from app.blueprints.dashboard import (
    commands,
    feedback_routes,
    health_commands,
    issue_routes,
    release_routes,
)
from app.blueprints.dashboard.blueprint import blueprint

blueprint.cli.add_command(commands.projects_group)
blueprint.cli.add_command(commands.demo)
blueprint.cli.add_command(health_commands.sessions_group)
blueprint.cli.add_command(health_commands.releases_group)
blueprint.cli.add_command(health_commands.retention_group)

__all__ = ["blueprint", "feedback_routes", "issue_routes", "release_routes"]
