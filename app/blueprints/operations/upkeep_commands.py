"""`pionne-feedback retention …` and `sessions …`: what a timer runs on the whole instance."""

import click
from flask.cli import AppGroup

from app.commands import on_instance, say
from app.domain.text import in_one_line
from app.extensions import now, settings
from app.services import pacing
from app.services.instance import future_repair, future_rows, kept_figures, retention
from app.services.projects import disk_survey

sessions_group = AppGroup("sessions", help="The figures kept beside the raw sessions.")
retention_group = AppGroup("retention", help="Deletes what is older than the settings allow.")


@sessions_group.command("verify")
@click.option("--repair", is_flag=True, help="First put rows of the future right.")
@on_instance
def verify(repair: bool) -> None:
    """Recompute every kept figure, of sessions and of merged issues; exit 1 if any differs.

    Also if a crash is not listed once on one day, with its other side or without, or if rows are of
    the future: they came while a clock was ahead. --repair puts these right, sessions, events and
    feedback to the time of the row before, and makes figures anew.
    """
    if repair:
        for line in future_repair.repair(now=now()):
            say(in_one_line(line))
    ahead = future_rows.find_in_database(now=now())
    for rows in ahead:
        say(f"{rows}: put them right with `pionne-feedback sessions verify --repair`.")
    differences = 0
    for difference in kept_figures.verify():
        differences += 1
        say(in_one_line(difference))
    if differences:
        raise click.ClickException(f"{differences} figures differ from what they are made of.")
    if ahead:
        raise click.ClickException("There are rows of the future.")
    say("Every kept figure equals what it is made of.")


@retention_group.command("run")
@click.option("--dry-run", is_flag=True, help="Only print what would go.")
@click.option("--even-most", is_flag=True, help="Even if more than a half of a table is due.")
@on_instance
def run(dry_run: bool, even_most: bool) -> None:
    """Delete what is due, in batches; interrupted, the next run goes on.

    It stops if more than a half of a table is due at once, as under a clock that is ahead, unless
    a run ended in the last seven days.
    """
    began = now()
    purges = retention.plan(settings(), now=began)
    refusal = retention.refusal(purges, now=began)
    if refusal and not even_most and not dry_run:
        raise click.ClickException(refusal)
    for purge in purges:
        if dry_run:
            click.echo(f"{purge.due:>10}  {purge.what}")
            continue
        total = 0
        with click.progressbar(length=purge.due, label=f"{purge.what:<26}") as progress:
            for purged in pacing.resting(purge.run()):
                total += purged
                progress.update(purged)
        click.echo(f"{total:>10}  {purge.what} deleted")
    if not dry_run:
        retention.note_run(now=began)
        disk_survey.count_all(now=now())
    elif refusal:
        click.echo(refusal, err=True)
