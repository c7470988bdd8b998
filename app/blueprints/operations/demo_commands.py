"""`pionne-feedback demo`."""

import click

from app.blueprints.operations.demo import fill_demo, remove_demo
from app.commands import make_first_database, on_any_instance, require_database
from app.extensions import now, settings


@click.command("demo")
@click.option("--remove", is_flag=True, help="Take away all that the demo made.")
@on_any_instance
def demo(remove: bool) -> None:
    """Fill a project with believable data, and print what to try.

    Where there is no database yet, it is made, as `pionne-feedback` alone does.
    """
    if remove:
        require_database()
        remove_demo(now=now())
    else:
        make_first_database()
        require_database()
        fill_demo(settings(), now=now())
