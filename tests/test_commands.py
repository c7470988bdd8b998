"""What every command does when the instance is not fit: it says so, in one line."""

import json
from dataclasses import replace

import click
import pytest

from app.commands import show
from app.services.projects import ProjectToken

COMMANDS = [
    ("accounts", "create", "a@b.example"),
    ("accounts", "token", "a@b.example"),
    ("projects", "create", "My app", "--owner", "a@b.example"),
    ("projects", "rotate-token", "1"),
    ("projects", "list"),
    ("demo",),
]


class TestEmptyDatabase:
    @pytest.fixture
    def settings(self, settings, empty_database_url):
        return replace(settings, database_url=empty_database_url)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_database_without_tables_is_refused_with_what_to_do(self, run, command):
        refusal = run(*command).refusal
        assert refusal.startswith("The database has no tables yet: run `pionne-feedback db")

    def test_refusal_is_the_same_when_json_is_wanted(self, run):
        refusal = run("projects", "list", "--json").refusal
        assert refusal.startswith("The database has no tables yet")


@pytest.mark.sqlite_only("the address is given")
class TestMissingDatabase:
    @pytest.fixture
    def settings(self, settings):
        return replace(settings, database_url="sqlite:////nowhere/at/all.db")

    @pytest.mark.parametrize("command", COMMANDS)
    def test_database_that_is_away_is_refused_with_its_address(self, run, command):
        refusal = run(*command).refusal
        assert refusal.startswith("The database sqlite:////nowhere/at/all.db cannot be reached: ")


@pytest.mark.parametrize("group", ["accounts", "projects"])
def test_group_without_a_command_shows_what_there_is(run, group):
    assert "Commands:" in run(group).errors


def test_what_has_no_json_form_is_a_bug_that_shows():
    with pytest.raises(TypeError, match="object has no JSON form"):
        show({"value": object()}, as_json=True, people="")


@pytest.mark.parametrize(
    "values", [ProjectToken(id=1, name="é", token="t"), {"id": 1, "name": "é", "token": "t"}]
)
def test_json_is_one_line(capsys, values):
    show(values, as_json=True, people="not this")
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert json.loads(printed) == {"id": 1, "name": "é", "token": "t"}


def test_people_read_words(capsys):
    show({}, as_json=False, people="Done.")
    assert capsys.readouterr().out == "Done.\n"


def test_plugins_that_are_off_bring_no_commands(settings, make_app):
    app = make_app(replace(settings, blueprints=("ingest",)))
    with app.app_context():
        context = click.Context(app.cli)
        assert {"accounts", "projects", "demo"}.isdisjoint(app.cli.list_commands(context))
