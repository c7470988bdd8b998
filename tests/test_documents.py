"""The documents say what the code says: their settings, links, commands and addresses exist."""

import pkgutil
import re
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from flask import Flask
from flask.cli import FlaskGroup
from werkzeug.exceptions import HTTPException

from app.entrypoints.command_line import commands
from docs.write_settings import settings_table

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCUMENTS = sorted([README, ROOT / "deploy" / "README.md", *(ROOT / "docs").rglob("*.md")])
README_MAX_LINES = 150

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`|^ {4,}(.+)$", re.MULTILINE)
# After `exec`, the first word is the name of the container.
_COMMAND = re.compile(
    r"(?:^|[|;&] *|exec pionne-feedback |/bin/)pionne-feedback"
    r"((?: +[a-z][a-z-]*+(?![/.]))+)((?:.*? --[a-z-]+)*)"
)
# In a sentence; a block of code may show what its reader is about to write.
_INLINE = re.compile(r"`([^`\n]+)`")
_ROOMS = ("app", "bench", "deploy", "docs", "migrations", "tests")
_PATH = re.compile(rf"(?<![\w./])(?:{'|'.join(_ROOMS)})/[\w./-]*\w")
_MODULE = re.compile(r"^app(?:\.[a-z_]\w*)+")
# In a wheel, somebody else's (both decision 71), and a file of an instance.
_ELSEWHERE = {"app/migrations", "app.py", "app.key"}
_OPTION = re.compile(r"(?<!\S)\[?(--[a-z-]+)")
_MAKE = re.compile(r"(?:^|&& )(?:[A-Z_]+=\S+ )*make ([a-z-]+)")
_CURL = re.compile(
    r"curl\b(?P<options>[^#]*?)\s\"?\$BASE(?P<path>/[^\s\"?]*)(?P<more>[^#]*)", re.DOTALL
)


class Shown(NamedTuple):
    """A piece of code in a document."""

    document: str
    code: str


def shown_code() -> list[Shown]:
    return [
        Shown(str(path.relative_to(ROOT)), (inline or block).strip())
        for path in DOCUMENTS
        for inline, block in _CODE.findall(path.read_text(encoding="utf-8"))
    ]


def test_settings_table_is_the_one_of_the_code():
    table = ROOT / "docs" / "configuration.md"
    assert settings_table() in table.read_text(encoding="utf-8"), "run `make docs`"


def test_readme_is_short_and_shows_two_pictures():
    text = README.read_text(encoding="utf-8")
    assert text.count("\n") <= README_MAX_LINES
    assert text.count("![") >= 2


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path):
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        assert path.exists(), target
        if anchor:
            assert anchor in _anchors(path), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_and_module_that_is_named_exists(document: Path):
    for code in _INLINE.findall(document.read_text(encoding="utf-8")):
        for path in set(_PATH.findall(code)) - _ELSEWHERE:
            assert (ROOT / path).exists(), path
        for name in set(_MODULE.findall(code)) - _ELSEWHERE:
            assert _is_there(name), name


@pytest.mark.sqlite_only("asks no database")
def test_every_command_that_is_shown_exists(app: Flask):
    found = 0
    for document, code in shown_code():
        for names, options in _COMMAND.findall(code):
            command = _command(app, names.split())
            assert command is not None, f"{document}: {code}"
            known = {option for parameter in command.params for option in parameter.opts}
            for option in _OPTION.findall(options):
                assert option in known | {"--help"}, f"{document}: {code}"
            found += 1
    assert found > 10


def test_every_target_of_make_that_is_shown_exists():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    shown = {name for _, code in shown_code() for name in _MAKE.findall(code)}
    assert shown
    assert shown <= set(targets)


@pytest.mark.sqlite_only("asks no database")
@pytest.mark.parametrize("name", ["README.md", "docs/api.md", "docs/operations.md"])
def test_every_address_that_is_asked_exists(name: str, app: Flask):
    adapter = app.url_map.bind("localhost")
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    asked = [match for line in _blocks(text) for match in _CURL.finditer(line)]
    assert asked
    for match in asked:
        words = match["options"] + match["more"]
        method = re.search(r"-X ([A-Z]+)", words)
        try:
            adapter.match(match["path"], method=method[1] if method else "GET")
        except HTTPException as refusal:
            raise AssertionError(match.group()) from refusal


def _blocks(text: str) -> list[str]:
    """Each line with curl, and the lines on which its JSON goes on."""
    return re.findall(r"^ {4}curl .*(?:\n {4} .*)*", text, re.MULTILINE)


def _is_there(name: str) -> bool:
    """Whether it is a module of ours, or something in one."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def _anchors(path: Path) -> set[str]:
    """As GitHub and GitLab make them from headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _command(app: Flask, names: list[str]) -> click.Command | None:
    """The command of these words, of which the last ones may be arguments."""
    command: click.Command | None = app.cli
    for name in names:
        if not isinstance(command, click.Group):
            break
        command = command.commands.get(name) or _of_the_start(name)
    return command


def _of_the_start(name: str) -> click.Command | None:
    """Of the command that starts the service, or Flask's own, such as `db` and `routes`."""
    return commands.commands.get(name) or FlaskGroup().get_command(
        click.Context(FlaskGroup()), name
    )
