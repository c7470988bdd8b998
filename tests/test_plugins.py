"""Plugins are named in BLUEPRINTS; one that cannot be used stops startup with its name."""

import importlib
import sys
from dataclasses import replace

import pytest

from app import plugins
from app.config import ConfigurationError

pytestmark = pytest.mark.sqlite_only("no query is made")

GOOD = """
from flask import Blueprint
blueprint = Blueprint("tickets", __name__)
@blueprint.get("/tickets")
def tickets():
    return {"tickets": []}
"""

_COMMAND = """
@blueprint.cli.command("upgrade")
def upgrade():
    pass
"""


@pytest.fixture
def app_with(settings, make_app):
    """An app with these plugins on, instead of ours."""

    def make(*names):
        return make_app(replace(settings, blueprints=names))

    return make


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a distribution with one module and one entry point, as pip would."""
    packages = tmp_path / "packages"
    packages.mkdir()
    monkeypatch.syspath_prepend(packages)
    modules = set(sys.modules)

    def add(name, source, *, module="tickets_plugin", group="pionne_feedback.blueprints"):
        (packages / f"{module}.py").write_text(source)
        metadata = packages / f"{module}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}\n")
        importlib.invalidate_caches()
        plugins.installed_plugins.cache_clear()

    yield add
    plugins.installed_plugins.cache_clear()
    for module in set(sys.modules) - modules:
        if module.endswith("_plugin"):
            del sys.modules[module]


def routes(app):
    return {rule.rule for rule in app.url_map.iter_rules()}


def test_installed_plugin_that_is_named_serves(app_with, install):
    install("tickets", GOOD)
    response = app_with("tickets").test_client().get("/tickets")
    assert response.get_json() == {"tickets": []}


def test_installed_plugin_that_is_not_named_is_off(app_with, install):
    install("tickets", GOOD)
    assert "/tickets" not in routes(app_with("ingest"))


def test_installed_plugin_that_is_not_named_is_not_even_imported(app_with, install):
    install("tickets", "raise SystemExit")
    app_with("ingest")
    assert "tickets_plugin" not in sys.modules


def test_entry_point_of_another_group_is_none_of_ours(app_with, install):
    install("tickets", GOOD, group="other.blueprints")
    with pytest.raises(ConfigurationError, match="^BLUEPRINTS names 'tickets', which is neither"):
        app_with("tickets")


@pytest.mark.parametrize(
    ("name", "served", "not_served"),
    [
        ("ingest", "/feedback", "/api/projects/<project>/feedback"),
        ("dashboard", "/api/projects/<project>/feedback", "/feedback"),
    ],
)
def test_only_the_named_ones_of_ours_are_on(app_with, name, served, not_served):
    found = routes(app_with(name))
    assert served in found
    assert not_served not in found


def test_no_plugin_at_all_makes_an_app_that_knows_no_address(app_with):
    assert app_with().test_client().post("/feedback").status_code == 404


def test_plugins_are_registered_in_the_order_they_are_named(app_with):
    assert list(app_with("dashboard", "accounts", "ingest").blueprints) == [
        "dashboard",
        "accounts",
        "ingest",
    ]


def test_init_app_of_a_plugin_is_called_with_the_app(app_with, install):
    install("tickets", GOOD + "\ndef init_app(app):\n    app.config['TICKETS'] = 'on'\n")
    assert app_with("tickets").config["TICKETS"] == "on"


def refusal(app_with, *names):
    with pytest.raises(ConfigurationError) as error:
        app_with(*names)
    return str(error.value)


def test_unknown_name_is_refused_with_those_that_are_known(app_with):
    assert refusal(app_with, "ingets") == (
        "BLUEPRINTS names 'ingets', which is neither one of accounts, console, dashboard,"
        " documentation, ingest, operations, sentry nor an installed entry point of"
        " pionne_feedback.blueprints."
    )


@pytest.mark.parametrize("name", ["ingest.routes", "..plugins", "app.blueprints.ingest", "INGEST"])
def test_only_whole_names_are_known(app_with, name):
    assert repr(name) in refusal(app_with, name)


def test_name_that_is_given_twice_is_refused(app_with):
    assert refusal(app_with, "ingest", "ingest") == "BLUEPRINTS names 'ingest' twice."


def test_installed_plugin_that_takes_one_of_our_names_is_refused(app_with, install):
    install("ingest", GOOD)
    assert refusal(app_with, "ingest") == (
        "The plugin name 'ingest' clashes: app.blueprints.ingest and tickets_plugin claim it."
    )


def test_two_installed_plugins_of_one_name_are_refused(app_with, install):
    install("tickets", GOOD, module="one_plugin")
    install("tickets", GOOD, module="two_plugin")
    message = refusal(app_with, "tickets")
    assert message.startswith("The plugin name 'tickets' clashes: ")
    assert "one_plugin" in message and "two_plugin" in message


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def (", "SyntaxError: "),
    ],
)
def test_plugin_that_cannot_be_imported_is_refused_with_the_reason(
    app_with, install, source, reason
):
    install("tickets", source)
    message = refusal(app_with, "tickets")
    assert message.startswith("The plugin 'tickets' (tickets_plugin) cannot be imported: " + reason)
    assert "\n" not in message


@pytest.mark.parametrize("source", ["", "blueprint = None", "blueprint = 'tickets'"])
def test_plugin_without_a_blueprint_is_refused(app_with, install, source):
    install("tickets", source)
    assert refusal(app_with, "tickets") == (
        "The plugin 'tickets' (tickets_plugin) exposes no `blueprint`."
    )


def test_plugin_whose_init_app_fails_is_refused_with_the_reason(app_with, install):
    install("tickets", GOOD + "\ndef init_app(app):\n    raise ValueError('no printer')\n")
    assert refusal(app_with, "tickets") == ("The plugin 'tickets' cannot be registered: no printer")


def test_two_plugins_whose_blueprints_have_one_name_are_refused(app_with, install):
    install("tickets", GOOD)
    install("bookings", GOOD, module="bookings_plugin")
    assert refusal(app_with, "tickets", "bookings").startswith(
        "The plugin 'bookings' cannot be registered: "
    )


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        (GOOD.replace("/tickets", "/feedback").replace(".get(", ".post("), "POST /feedback"),
        (GOOD.replace("/tickets", "/feedback/").replace(".get(", ".post("), "POST /feedback"),
        (GOOD.replace("/tickets", "/api/events/<id>/feedback").replace(".get(", ".post("), "POST"),
        (GOOD.replace('"tickets", ', '"projects", ') + _COMMAND, "pionne-feedback projects"),
        (GOOD.replace('"tickets", ', '"db", ') + _COMMAND, "pionne-feedback db"),
        (GOOD.replace('"tickets", ', '"run", ') + _COMMAND, "pionne-feedback run"),
    ],
)
def test_plugin_that_takes_an_address_or_a_command_is_refused(app_with, install, source, taken):
    install("tickets", source)
    message = refusal(app_with, "ingest", "dashboard", "tickets")
    assert message.startswith("The plugin 'tickets' clashes with one named before it: ")
    assert taken in message


def test_command_below_a_name_of_its_own_is_no_clash(app_with, install):
    install("tickets", GOOD + _COMMAND.replace("upgrade", "demo"))
    assert "tickets" in app_with("ingest", "dashboard", "tickets").cli.commands


def test_plugin_that_exits_is_refused_by_name(app_with, install):
    install("tickets", "import sys\nsys.exit('no licence')")
    assert refusal(app_with, "tickets").endswith("SystemExit: no licence")
