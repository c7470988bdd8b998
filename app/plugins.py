"""Finds and registers the blueprints that the settings name.

A plugin is a package that exposes `blueprint`, and optionally `init_app(app)` for defaults of its
own. A name is one of ours (`app.blueprints.<name>`), else an installed entry point of the group
below. Installed is not enabled: only names in BLUEPRINTS are loaded.
"""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from typing import Any

from click import Command
from flask import Blueprint, Flask

from app import blueprints
from app.config import ConfigurationError

ENTRY_POINT_GROUP = "pionne_feedback.blueprints"
_COMMANDS_OF_FLASK = ("run", "shell", "routes", "db")


def register_plugins(app: Flask, names: Iterable[str]) -> None:
    """Register each named plugin, in order.

    Raises ConfigurationError, naming the plugin, when one is unknown, named twice, claimed by two
    packages, cannot be imported, or exposes no blueprint.
    """
    seen: set[str] = set()
    installed, taken = installed_plugins(), _addresses(app)
    for name in names:
        if name in seen:
            raise ConfigurationError(f"BLUEPRINTS names {name!r} twice.")
        seen.add(name)
        package = _load(name, installed)
        blueprint = getattr(package, "blueprint", None)
        if not isinstance(blueprint, Blueprint):
            where = getattr(package, "__name__", package)
            raise ConfigurationError(f"The plugin {name!r} ({where}) exposes no `blueprint`.")
        commands = dict(app.cli.commands)
        try:
            if hasattr(package, "init_app"):
                package.init_app(app)
            app.register_blueprint(blueprint)
        except (Exception, SystemExit) as error:
            raise ConfigurationError(
                f"The plugin {name!r} cannot be registered: {_first_line(error)}"
            ) from error
        before, taken = taken, _addresses(app)
        clashes = _claimed_twice(before, taken) + _clashing_commands(app, commands)
        if clashes:
            raise ConfigurationError(
                f"The plugin {name!r} clashes with one named before it: {', '.join(clashes)}."
            )


@cache
def installed_plugins() -> EntryPoints:
    """All that are installed; asked once in a process, because it reads every distribution."""
    return entry_points(group=ENTRY_POINT_GROUP)


@cache
def _our_plugins() -> frozenset[str]:
    return frozenset(module.name for module in pkgutil.iter_modules(blueprints.__path__))


def _load(name: str, all_installed: EntryPoints) -> Any:
    ours = _our_plugins()
    installed = [point for point in all_installed if point.name == name]
    claimed_by = [point.value for point in installed]
    if name in ours:
        claimed_by.insert(0, f"app.blueprints.{name}")
    if not claimed_by:
        raise ConfigurationError(
            f"BLUEPRINTS names {name!r}, which is neither one of {', '.join(sorted(ours))} nor an"
            f" installed entry point of {ENTRY_POINT_GROUP}."
        )
    if len(claimed_by) > 1:
        raise ConfigurationError(
            f"The plugin name {name!r} clashes: {' and '.join(claimed_by)} claim it."
        )
    try:
        return installed[0].load() if installed else importlib.import_module(claimed_by[0])
    except (Exception, SystemExit) as error:
        raise ConfigurationError(
            f"The plugin {name!r} ({claimed_by[0]}) cannot be imported:"
            f" {type(error).__name__}: {_first_line(error)}"
        ) from error


def _addresses(app: Flask) -> Counter[str]:
    """How often each method and rule is registered, whatever its variables are called."""
    return Counter(
        f"{method} {_without_names(rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


@cache
def _without_names(rule: str) -> str:
    return re.sub("<[^>]*>", "<>", rule.rstrip("/"))


def _claimed_twice(before: Counter[str], after: Counter[str]) -> list[str]:
    return sorted(at for at in before if after[at] > before[at])


def _clashing_commands(app: Flask, before: dict[str, Command]) -> list[str]:
    """Commands and groups that were replaced, and those that stand before Flask's own."""
    return sorted(
        f"pionne-feedback {name}"
        for name, command in app.cli.commands.items()
        if before.get(name) is not command and (name in before or name in _COMMANDS_OF_FLASK)
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0]
