"""What every command does when the instance is not fit: it says so, in one line."""

import json
from dataclasses import replace

import click
import pytest
from flask.cli import ScriptInfo

from app.commands import show
from app.config import read_settings
from app.entrypoints.command_line import commands
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


@pytest.mark.sqlite_only("PostgreSQL is no fresh machine's")
class TestFreshMachine:
    @pytest.fixture
    def settings(self, tmp_path):
        return read_settings({"INSTANCE_DIR": str(tmp_path / "fresh")})

    @pytest.mark.parametrize(
        "command",
        [
            *(command for command in COMMANDS if command != ("demo",)),
            ("demo", "--remove"),
            ("retention", "run"),
            ("sessions", "verify"),
            ("people", "export", "a@b.example"),
        ],
    )
    def test_refusal_names_the_command_that_comes_first(self, run, settings, command):
        refusal = run(*command).refusal
        folder = settings.instance_dir
        assert refusal.startswith(
            f"There is no database in {folder}. Make one with `pionne-feedback`,"
        )
        assert not folder.exists()

    def test_demo_makes_the_database_and_the_key_for_their_owner_alone(self, run, settings):
        result = run("demo")
        assert result.exit_code == 0, result.errors
        assert result.printed.startswith(f"Made a database in {settings.instance_dir}.\n")
        assert "pio_live_" in result.printed
        made = [settings.instance_dir, settings.app_key_file]
        assert [path for path in made if path.stat().st_mode & 0o077] == []
        assert len(settings.app_key_file.read_text().strip()) == 64

    def test_demo_makes_nothing_anew_the_second_time(self, run, settings):
        run("demo")
        key = settings.app_key_file.read_text()
        assert "there is no second one" in run("demo").printed
        assert settings.app_key_file.read_text() == key

    def test_demo_says_in_one_line_why_no_key_can_be_made(self, make_app, tmp_path):
        settings = read_settings(
            {"INSTANCE_DIR": str(tmp_path / "fresh"), "APP_KEY_FILE": "/proc/none/key"}
        )
        result = make_app(settings).test_cli_runner().invoke(args=["demo"])
        assert "Error: Cannot make /proc/none/key: No such file or directory." in result.stderr

    def test_doctor_says_one_thing_is_missing(self, run, settings):
        result = run("doctor")
        assert result.exit_code == 2
        (line,) = [line for line in result.printed.splitlines() if line.startswith("PROBLEM")]
        assert f"There is no database in {settings.instance_dir}. Make one" in line
        assert "backup" not in result.printed


@pytest.mark.parametrize("group", ["accounts", "projects"])
def test_group_without_a_command_shows_what_there_is(run, group):
    assert "Commands:" in run(group).errors


def test_what_has_no_json_form_is_a_bug_that_shows():
    with pytest.raises(TypeError, match="object has no JSON form"):
        show({"value": object()}, as_json=True, text="")


@pytest.mark.parametrize(
    "values", [ProjectToken(id=1, name="é", token="t"), {"id": 1, "name": "é", "token": "t"}]
)
def test_json_is_one_line(capsys, values):
    show(values, as_json=True, text="not this")
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert json.loads(printed) == {"id": 1, "name": "é", "token": "t"}


def test_people_read_words(capsys):
    show({}, as_json=False, text="Done.")
    assert capsys.readouterr().out == "Done.\n"


def test_plugins_that_are_off_bring_no_commands(settings, make_app):
    app = make_app(replace(settings, blueprints=("ingest",)))
    with app.app_context():
        context = click.Context(app.cli)
        assert {"accounts", "projects", "demo"}.isdisjoint(app.cli.list_commands(context))


def test_help_lists_our_commands_and_no_library_s(app):
    context = click.Context(commands, obj=ScriptInfo(create_app=lambda: app))
    listed = commands.list_commands(context)
    assert {"accounts", "demo", "doctor", "serve"} <= set(listed)
    assert "limiter" not in listed
