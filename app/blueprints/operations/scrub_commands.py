"""`pionne-feedback scrub`: what is stored, by the rules of this version."""

from collections import Counter

import click

from app.commands import json_option, on_instance, show
from app.extensions import now
from app.services import pacing
from app.services.instance import rescrubbing


@click.command("scrub")
@click.option("--dry-run", is_flag=True, help="Only count the rows that would change.")
@json_option
@on_instance
def scrub(dry_run: bool, as_json: bool) -> None:
    """Take personal data out of stored feedback and events that older rules left there.

    E-mail addresses, JWTs and card numbers, in short transactions, while the service runs. What is
    searched follows, and each project's audit tells how many rows changed. Interrupted, the same
    command goes on.
    """
    if dry_run:
        counts = rescrubbing.look()
        text = f"Would change: {_listed(counts)}. Nothing is changed yet."
    else:
        counts = sum(pacing.resting(rescrubbing.run(now=now())), Counter[str]())
        text = f"Changed: {_listed(counts)}."
    show({"dry_run": dry_run, "changed": dict(counts)}, as_json=as_json, text=text)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {table}" for table, count in counts.items()) or "nothing"
