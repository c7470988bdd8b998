"""For whoever runs the service: is it alive, is it ready, what does it do, what is wrong."""

from app.blueprints.operations import backup_commands, move_commands
from app.blueprints.operations.blueprint import blueprint

blueprint.cli.add_command(backup_commands.backup)
blueprint.cli.add_command(backup_commands.restore)
blueprint.cli.add_command(move_commands.move)

__all__ = ["blueprint"]
