"""For whoever runs the service: is it alive, is it ready, what does it do, what is wrong."""

from flask import Flask

from app.blueprints.operations import (
    backup_commands,
    commands,
    demo_commands,
    move_commands,
    routes,
    scrub_commands,
    upkeep_commands,
)
from app.blueprints.operations.blueprint import blueprint
from app.blueprints.operations.metrics import Metrics

blueprint.cli.add_command(commands.doctor)
blueprint.cli.add_command(demo_commands.demo)
blueprint.cli.add_command(backup_commands.backup)
blueprint.cli.add_command(backup_commands.restore)
blueprint.cli.add_command(move_commands.move)
blueprint.cli.add_command(scrub_commands.scrub)
blueprint.cli.add_command(upkeep_commands.sessions_group)
blueprint.cli.add_command(upkeep_commands.retention_group)

__all__ = ["blueprint", "init_app", "routes"]


def init_app(app: Flask) -> None:
    app.extensions["metrics"] = Metrics(app)
