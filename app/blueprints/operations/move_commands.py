"""`pionne-feedback move`: an instance leaves SQLite for PostgreSQL."""

from collections.abc import Iterator
from dataclasses import asdict

import click
from sqlalchemy.engine import URL, make_url

from app.commands import CommandRefused, json_option, on_instance, show
from app.config import ConfigurationError, Settings, normal_database_url
from app.extensions import settings
from app.services.instance.move import moving


@click.command("move")
@click.option("--to", required=True, metavar="URL", help="Where to; an empty PostgreSQL database.")
@click.option("--start-over", is_flag=True, help="Empty what an unfinished move left, and begin.")
@json_option
@on_instance
def move(to: str, start_over: bool, as_json: bool) -> None:
    """Copy this instance from SQLite to PostgreSQL, and compare both.

    Interrupted, the same command goes on where it was. The SQLite database is not changed.
    """
    told = settings()
    url = _target(to, told)
    with moving(told, url, start_over=start_over) as underway:
        total, done = underway.total, sum(underway.copied.values())
        _show_progress("Copying", underway.copy(), length=total, done=done, hidden=as_json)
        _show_progress("Comparing", underway.verify(), length=2 * total, hidden=as_json)
        underway.finish()
    tables = underway.verified
    rows = f"{total:,} rows of {len(tables)} tables"
    lines = [f"{table.rows:>12,}  {table.name:<20} {table.checksum[:16]}" for table in tables]
    lines.append(f"{rows} are the same on both sides, by number and checksum.")
    lines.append(
        "Next: set DATABASE_URL to the new address, keep APP_KEY or its file, and start. The SQLite"
        f" database stays in {told.instance_dir}, until you delete it."
    )
    values = {"rows": total, "tables": [asdict(table) for table in tables]}
    show(values, as_json=as_json, text="\n".join(lines))


def _target(to: str, settings: Settings) -> URL:
    try:
        return make_url(normal_database_url(to, settings.instance_dir))
    except ConfigurationError as error:
        raise CommandRefused(str(error).replace("DATABASE_URL", "--to")) from error


def _show_progress(
    label: str, steps: Iterator[int], *, length: int, done: int = 0, hidden: bool
) -> None:
    with click.progressbar(length=length, label=f"{label:<9}", hidden=hidden) as progress:
        progress.update(done)
        for rows in steps:
            progress.update(rows)
