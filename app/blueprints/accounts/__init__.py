"""People who read feedback: registering, login, tokens, two-factor; `pionne-feedback accounts`."""

from app.blueprints.accounts import (
    account_routes,
    commands,
    login_routes,
    token_routes,
    two_factor_routes,
)
from app.blueprints.accounts.blueprint import blueprint

blueprint.cli.add_command(commands.accounts_group)

__all__ = ["account_routes", "blueprint", "login_routes", "token_routes", "two_factor_routes"]
