"""The read side: what a team sees and decides, with a user token."""

from app.blueprints.dashboard.blueprint import blueprint
from app.blueprints.dashboard.feedback import routes as feedback_routes
from app.blueprints.dashboard.issues import routes as issue_routes
from app.blueprints.dashboard.people import commands as people_commands
from app.blueprints.dashboard.people import routes as people_routes
from app.blueprints.dashboard.projects import (
    audit_routes,
    commands,
    loss_routes,
    member_routes,
    project_routes,
)
from app.blueprints.dashboard.projects import token_routes as project_token_routes
from app.blueprints.dashboard.releases import commands as health_commands
from app.blueprints.dashboard.releases import crash_routes, naming_routes
from app.blueprints.dashboard.releases import routes as release_routes

blueprint.cli.add_command(commands.projects_group)
blueprint.cli.add_command(health_commands.releases_group)
blueprint.cli.add_command(people_commands.people_group)

__all__ = [
    "audit_routes",
    "blueprint",
    "crash_routes",
    "feedback_routes",
    "issue_routes",
    "loss_routes",
    "member_routes",
    "naming_routes",
    "people_routes",
    "project_routes",
    "project_token_routes",
    "release_routes",
]
