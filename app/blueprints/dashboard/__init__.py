"""The read side: what a team sees and decides, with a user token."""

from app.blueprints.dashboard import (
    audit_routes,
    commands,
    feedback_routes,
    health_commands,
    issue_routes,
    member_routes,
    people_commands,
    people_routes,
    project_routes,
    project_token_routes,
    release_routes,
)
from app.blueprints.dashboard.blueprint import blueprint

blueprint.cli.add_command(commands.projects_group)
blueprint.cli.add_command(commands.demo)
blueprint.cli.add_command(health_commands.sessions_group)
blueprint.cli.add_command(health_commands.releases_group)
blueprint.cli.add_command(health_commands.retention_group)
blueprint.cli.add_command(people_commands.people_group)

__all__ = [
    "audit_routes",
    "blueprint",
    "feedback_routes",
    "issue_routes",
    "member_routes",
    "people_routes",
    "project_routes",
    "project_token_routes",
    "release_routes",
]
