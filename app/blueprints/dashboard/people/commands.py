"""`pionne-feedback people …`: what the instance keeps about one person, in all projects."""

import dataclasses
import json
import sys

import click
from flask.cli import AppGroup

from app.commands import (
    CommandRefused,
    EmailAddress,
    json_option,
    on_instance,
    say,
    show,
)
from app.domain.plain_json import plain_json
from app.extensions import now
from app.services import pacing
from app.services.people import erasure as person_erasure
from app.services.people import export as person_export
from app.services.people.erasure_steps import Counts, in_words
from app.services.people.rows import PersonAccount

people_group = AppGroup("people", help="What is kept about one person.")


@people_group.command("export")
@click.argument("email", type=EmailAddress())
@json_option
@on_instance
def export(email: str, as_json: bool) -> None:
    """Print every row that names EMAIL, as one JSON object; without --json, indented."""
    found = dataclasses.asdict(person_export.export_from_instance(email))
    indent = None if as_json else 2
    # JSON writes out C0 alone; a terminal runs more.
    say(json.dumps(found, default=plain_json, indent=indent, ensure_ascii=False))


@people_group.command("erase")
@click.argument("email", type=EmailAddress())
@click.option("--with-account", is_flag=True, help="Their account, too, and all that it owns.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@on_instance
def erase(email: str, with_account: bool, yes: bool, as_json: bool) -> None:
    """Delete what names EMAIL, for good; `people export` shows it.

    Names of releases and projects stay without the address, and sessions without their user.
    """
    account, counts = person_erasure.look_up(email)
    if account is not None and not with_account:
        raise CommandRefused(
            f"{account.email} has an account here, {_owned(account)}. Say --with-account to delete"
            " that, too; nothing is deleted yet."
        )
    if account is not None:
        counts += Counts(account=1, projects=len(account.projects))
    if counts and not yes:
        _ask(email, account, counts)
    erased = Counts()
    for step in pacing.resting(person_erasure.erase_from_instance(email, now=now())):
        erased += step
    values = {"email": email, "erased": dict(erased)}
    show(values, as_json=as_json, text=f"Erased: {in_words(erased) or 'nothing'}.")


def _ask(email: str, account: PersonAccount | None, counts: Counts) -> None:
    if not _is_asked():
        raise CommandRefused(f"{in_words(counts)} would go. Say --yes; nothing is deleted yet.")
    owned = f" The account is {_owned(account)}." if account else ""
    question = f"{email}: {in_words(counts)}.{owned} Delete all of this for good?"
    click.confirm(question, abort=True, err=True)


def _is_asked() -> bool:
    return sys.stdin.isatty()


def _owned(account: PersonAccount) -> str:
    if not account.projects:
        return "owning no project"
    names = ", ".join(f"{project.name} ({project.id})" for project in account.projects)
    return f"owning with all that is in them: {names}"
