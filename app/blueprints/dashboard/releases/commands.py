"""`pionne-feedback releases …`: release health for a pipeline."""

import sys

import click
from flask.cli import AppGroup

from app.commands import CommandRefused, json_option, on_instance, show
from app.domain.field_limits import MAX_ID
from app.domain.rates import TOLERATED_LOSS, Comparison
from app.domain.release_health import DEFAULT_DAYS, MAX_DAYS, Window
from app.domain.text import in_one_line
from app.extensions import now
from app.services import projects
from app.services.releases import verdicts
from app.services.releases.verdicts import (
    SETTLE_MAX_DAYS,
    TOLERANCE_HIGHEST,
    TOLERANCE_LOWEST,
    Unit,
)

_EXIT_CODES = {Comparison.PASS: 0, Comparison.FAIL: 1, Comparison.UNDECIDED: 2}

releases_group = AppGroup("releases", help="Release health for a release pipeline.")


class _Verdict(click.Command):
    """click's own refusals exit 2, which is a verdict here."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as refusal:
            raise CommandRefused(refusal.format_message()) from refusal


@releases_group.command("verdict", cls=_Verdict)
@click.argument("project_id", metavar="PROJECT", type=click.IntRange(1, MAX_ID))
@click.argument("release")
@click.option("--against", help="Default: the newest older release with sessions on its days.")
@click.option(
    "--tolerance",
    type=click.FloatRange(TOLERANCE_LOWEST, TOLERANCE_HIGHEST),
    default=TOLERATED_LOSS,
    show_default=True,
    help="The loss that may pass, in crashes a session.",
)
@click.option(
    "--settle",
    type=click.IntRange(0, SETTLE_MAX_DAYS),
    default=0,
    show_default=True,
    help="So many of the newest days do not count for a pass.",
)
@click.option(
    "--unit",
    type=click.Choice([each.value for each in Unit]),
    default=Unit.SESSIONS.value,
    show_default=True,
    help="users: for one look.",
)
@click.option("--environment", help="Default: all environments together.")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=DEFAULT_DAYS, show_default=True)
@json_option
@on_instance
def verdict(
    project_id: int,
    release: str,
    against: str | None,
    tolerance: float,
    settle: int,
    unit: Unit,
    environment: str | None,
    days: int,
    as_json: bool,
) -> None:
    """Does RELEASE crash more often? Exits 0 (pass), 1 (fail), 2 (undecided), else 3 or more."""
    projects.require_exists(project_id)
    window = Window(today=now().date(), days=days, environment=environment)
    judged = verdicts.compare(
        project_id,
        window,
        release=release,
        against=against or None,
        unit=Unit(unit),
        tolerance=tolerance,
        settle=settle,
    )
    show(judged, as_json=as_json, text=f"{judged.verdict}: {in_one_line(judged.reason)}")
    sys.exit(_EXIT_CODES[judged.verdict])
