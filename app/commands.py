"""What every command of ours does: checks the database first, fails in one line, speaks JSON."""

import dataclasses
import functools
import json
from collections.abc import Callable
from typing import ParamSpec

import click
import flask_migrate
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError, OperationalError

from app.database.write_group import DatabaseBusy
from app.database_causes import failure_of, failure_or_unknown
from app.domain.email_address import is_valid_email
from app.domain.field_limits import EMAIL_MAX_CHARS
from app.domain.plain_json import plain_json
from app.domain.text import bare, for_terminals, in_one_line
from app.extensions import settings
from app.services.errors import Invalid, NotFound, Refused
from app.services.instance.app_key import make_key
from app.services.instance.readiness import database_problem, missing_database

P = ParamSpec("P")

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


class EmailAddress(click.ParamType[str]):
    name = "email"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        address = bare(value)
        if len(address) > EMAIL_MAX_CHARS or not is_valid_email(address):
            self.fail(f"{value!r} is not a valid e-mail address.", param, ctx)
        return address


class CommandRefused(click.ClickException):
    """One line of why; the exit code is no verdict's (0, 1, 2)."""

    exit_code = 3

    def __init__(self, message: str) -> None:
        super().__init__(in_one_line(message))


def on_any_instance(command: Callable[P, None]) -> Callable[P, None]:
    """For commands that do not need a migrated database, or any: refusals are one line."""

    @functools.wraps(command)
    @with_appcontext
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (Invalid, NotFound, Refused) as refusal:
            raise CommandRefused(str(refusal)) from refusal
        except (DatabaseBusy, DBAPIError) as error:
            failure = failure_of(error)
            if failure is None and not isinstance(error, OperationalError):
                raise
            raise CommandRefused(str((failure or failure_or_unknown(error)).cause)) from error

    return run


def on_instance(command: Callable[P, None]) -> Callable[P, None]:
    """For commands that use the database: it must be migrated, too."""

    @functools.wraps(command)
    def check_and_run(*args: P.args, **kwargs: P.kwargs) -> None:
        require_database()
        command(*args, **kwargs)

    return on_any_instance(check_and_run)


def require_database() -> None:
    if problem := database_problem(settings()):
        raise CommandRefused(problem)


def make_first_database() -> None:
    """On a fresh machine: the database and the key, as a first start makes them."""
    told = settings()
    if not missing_database(told):
        return
    flask_migrate.upgrade()
    try:
        if not told.app_key:
            make_key(told.app_key_file)
    except OSError as error:
        raise CommandRefused(f"Cannot make {told.app_key_file}: {error.strerror}.") from error
    say(f"Made a database in {told.instance_dir}.")


def say(text: str, *, err: bool = False) -> None:
    """Print for people; characters that a terminal would run are written out.

    What was stored, or typed by others, goes through `in_one_line` first: a line break in a name
    would make up a line.
    """
    click.echo(for_terminals(text), err=err)


def show(values: object, *, as_json: bool, text: str) -> None:
    """Print the text, or a dataclass or dict as one JSON object."""
    if not as_json:
        say(text)
        return
    plain = (
        dataclasses.asdict(values)
        if dataclasses.is_dataclass(values) and not isinstance(values, type)
        else values
    )
    click.echo(json.dumps(plain, default=plain_json))
