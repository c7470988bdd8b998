"""`pionne-feedback projects …`."""

import click
from flask.cli import AppGroup

from app.commands import (
    EmailAddress,
    json_option,
    on_instance,
    show,
)
from app.domain.field_limits import (
    MAX_ID,
    PLATFORM_MAX_CHARS,
    PROJECT_NAME_MAX_CHARS,
    TOKEN_LABEL_MAX_CHARS,
)
from app.domain.text import in_one_line, is_storable, trimmed
from app.domain.times import wire_time
from app.extensions import now
from app.services import accounts, projects
from app.services.projects import tokens as project_tokens

projects_group = AppGroup("projects", help="The apps whose users are heard.")


class _Text(click.ParamType[str]):
    """Trimmed text of 1 to `max_chars` characters."""

    def __init__(self, name: str, *, max_chars: int) -> None:
        self.name = name
        self.max_chars = max_chars

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = trimmed(value)
        if not 1 <= len(text) <= self.max_chars or not is_storable(text):
            self.fail(f"a {self.name} has 1 to {self.max_chars} characters.", param, ctx)
        return text


@projects_group.command("create")
@click.argument("name", type=_Text("name", max_chars=PROJECT_NAME_MAX_CHARS))
@click.option("--owner", required=True, type=EmailAddress(), help="E-mail of the owner's account.")
@click.option("--platform", type=_Text("platform", max_chars=PLATFORM_MAX_CHARS))
@json_option
@on_instance
def create(name: str, owner: str, platform: str | None, as_json: bool) -> None:
    """Create the project NAME and show its token, once."""
    account = accounts.find_by_email(owner)
    project = projects.create(name, owner_id=account.id, platform=platform, actor=None, now=now())
    shown = in_one_line(project.name)
    text = (
        f"Project {project.id} ({shown}) created for {account.email}.\n"
        f"Token, shown only now: {project.token}"
    )
    show(project, as_json=as_json, text=text)


@projects_group.command("rotate-token")
@click.argument("project_id", metavar="ID", type=click.IntRange(1, MAX_ID))
@json_option
@on_instance
def rotate_token(project_id: int, as_json: bool) -> None:
    """Give project ID one new token; all others are refused from now on."""
    project = projects.rotate_token(project_id, actor=None, now=now())
    shown = in_one_line(project.name)
    text = (
        f"Project {project.id} ({shown}) has a new token; all others are dead.\n"
        f"Token, shown only now: {project.token}"
    )
    show(project, as_json=as_json, text=text)


@projects_group.command("rotate-key")
@click.argument("project_id", metavar="ID", type=click.IntRange(1, MAX_ID))
@json_option
@on_instance
def rotate_key(project_id: int, as_json: bool) -> None:
    """Give the DSN of project ID a new key; the old one is refused from now on."""
    project = projects.rotate_sentry_key(project_id, actor=None, now=now())
    shown = in_one_line(project.name)
    text = (
        f"Project {project.id} ({shown}) has a new key; apps with the old DSN are not heard.\n"
        f"Key: {project.sentry_key}"
    )
    show(project, as_json=as_json, text=text)


@projects_group.command("add-token")
@click.argument("project_id", metavar="ID", type=click.IntRange(1, MAX_ID))
@click.argument("label", type=_Text("label", max_chars=TOKEN_LABEL_MAX_CHARS))
@json_option
@on_instance
def add_token(project_id: int, label: str, as_json: bool) -> None:
    """Add a token called LABEL to project ID; the others stay good."""
    made = project_tokens.add(project_id, label, actor=None, now=now())
    text = f"Token {made.id} ({made.label}) added.\nToken, shown only now: {made.token}"
    show(made, as_json=as_json, text=text)


@projects_group.command("tokens")
@click.argument("project_id", metavar="ID", type=click.IntRange(1, MAX_ID))
@json_option
@on_instance
def list_tokens(project_id: int, as_json: bool) -> None:
    """List the tokens of project ID; last uses are exact to the hour."""
    projects.require_exists(project_id)
    rows = project_tokens.list_of(project_id)
    lines = [
        f"{row.id:>4}  {row.label}  ({row.token_preview}, made {wire_time(row.created_at)},"
        f" {_last_use(row)})"
        for row in rows
    ]
    show({"tokens": rows}, as_json=as_json, text="\n".join(lines))


def _last_use(row: project_tokens.ProjectTokenRow) -> str:
    return f"last used {wire_time(row.last_used_at)}" if row.last_used_at else "not used yet"


@projects_group.command("list")
@json_option
@on_instance
def list_projects(as_json: bool) -> None:
    """List all projects of this instance."""
    rows = projects.list_all()
    lines = [
        f"{row.id:>4}  {in_one_line(row.name)}  ({in_one_line(row.owner)}, {row.token_preview},"
        f" {wire_time(row.created_at)})"
        for row in rows
    ]
    text = "\n".join(lines) or (
        "No projects yet. Next: pionne-feedback projects create NAME --owner EMAIL"
    )
    show({"projects": rows}, as_json=as_json, text=text)
