"""`pionne-feedback`: starts the service, or runs one of its commands.

Without a command it does what a first start needs, and then executes itself anew as gunicorn: what
migrating imported and opened is gone, as workers are forked from what is left.
"""

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import click
import flask_migrate
from flask import Flask
from flask.cli import FlaskGroup, NoAppException, ScriptInfo
from gunicorn.app.base import Application
from gunicorn.util import import_app

from app import __version__, create_app
from app.config import ConfigurationError, read_settings
from app.entrypoints.without_settings import app_without_settings
from app.services.instance.app_key import make_key

_NAME = "pionne-feedback"


class Server(Application):
    """gunicorn with our settings. Nothing in the current folder is looked at, or imported."""

    def load_config(self) -> None:
        self.load_config_from_module_name_or_filename("python:app.entrypoints.gunicorn_settings")
        given: Namespace = self.cfg.parser().parse_args(self.cfg.get_cmd_args_from_env())
        for name, value in vars(given).items():
            if value is not None and name != "args":
                self.cfg.set(name, value)

    def load(self) -> Any:
        return import_app(self.cfg.wsgi_app)


class Commands(FlaskGroup):
    """Flask's group of commands, without what is for developing an app."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(add_default_commands=False, add_version_option=False, **kwargs)
        self.params = [one for one in self.params if one.name not in ("app", "debug", "env_file")]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Without Flask-Limiter's own, which knows nothing of how limits are counted here."""
        return [name for name in super().list_commands(ctx) if name != "limiter"]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Refused settings are the reason for all that does not work, and one line says it."""
        if name not in self.commands:
            try:
                ctx.ensure_object(ScriptInfo).load_app()
            except NoAppException as refusal:
                sys.exit(refusal.format_message())
        return super().get_command(ctx, name)


def _load_app() -> Flask:
    try:
        return create_app()
    except ConfigurationError as error:
        if "doctor" not in sys.argv:
            raise NoAppException(str(error)) from error
        return app_without_settings(str(error))


@click.group(
    cls=Commands,
    create_app=_load_app,
    load_dotenv=False,
    set_debug_flag=False,
    invoke_without_command=True,
)
@click.version_option(__version__, prog_name=_NAME)
@click.pass_context
def commands(context: click.Context) -> None:
    """Hear an app's users, and see who never crashed.

    Without a COMMAND: make the database and the key where there are none, and serve on
    http://127.0.0.1:8000. Open that in a browser; all else is done there.

    Settings come from the environment, such as INSTANCE_DIR (the folder of all data), HOST and
    PORT: PORT=8001 pionne-feedback. `pionne-feedback doctor` tells which of them is wrong.
    """
    if context.invoked_subcommand is None:
        _prepare()
        os.execv(sys.executable, [sys.executable, sys.argv[0], "serve"])


@commands.command()
def serve() -> None:
    """Serve an instance that has its database and key."""
    Server(prog=_NAME).run()


def _prepare() -> None:
    """Bring the database up to date and make the key, or end with one line."""
    try:
        app = create_app()
        with app.app_context():
            flask_migrate.upgrade()
        # Read after the folder was made, in which the key is looked for.
        settings = read_settings(os.environ)
        if not settings.app_key and make_key(settings.app_key_file):
            click.echo(f"Made a key: {settings.app_key_file}")
    except ConfigurationError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"Cannot make {error.filename or 'the key'}: {error.strerror}.")


def main() -> None:
    # All that is made holds personal data or secrets.
    os.umask(0o077)
    # gunicorn starts itself anew by this path (SIGUSR2), from wherever it is then.
    sys.argv[0] = str(Path(sys.argv[0]).absolute())
    commands(prog_name=_NAME)
