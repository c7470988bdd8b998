"""`pionne-feedback releases …`: release health for a pipeline."""

import sys

import click
from flask.cli import AppGroup

from app.commands import CommandRefused, json_option, on_instance, show
from app.domain.field_limits import MAX_ID
from app.domain.rates import Comparison
from app.domain.release_health import DEFAULT_DAYS, MAX_DAYS, Window
from app.domain.text import in_one_line
from app.extensions import now
from app.services import projects
from app.services.releases import verdicts

_EXIT_CODES = {Comparison.PASS: 0, Comparison.FAIL: 1, Comparison.UNDECIDED: 2}

releases_group = AppGroup("releases", help="Release health for a release pipeline.")


@releases_group.command("verdict")
@click.argument("project_id", metavar="PROJECT", type=click.IntRange(1, MAX_ID))
@click.argument("release")
@click.option("--against", help="The release before it; required.")
@click.option("--environment", help="Default: all environments together.")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=DEFAULT_DAYS, show_default=True)
@json_option
@on_instance
def verdict(
    project_id: int,
    release: str,
    against: str | None,
    environment: str | None,
    days: int,
    as_json: bool,
) -> None:
    """Is RELEASE worse than --against? Exits 0 (pass), 1 (fail), 2 (undecided), else 3 or more."""
    if not against:  # click's own refusal would exit 2, which is a verdict here
        raise CommandRefused("Missing option '--against'.")
    projects.require_exists(project_id)
    window = Window(today=now().date(), days=days, environment=environment)
    judged = verdicts.compare(project_id, window, release=release, against=against)
    show(judged, as_json=as_json, text=f"{judged.verdict}: {in_one_line(judged.reason)}")
    sys.exit(_EXIT_CODES[judged.verdict])
