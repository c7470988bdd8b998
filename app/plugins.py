"""Finds and registers the blueprints that the settings name.

A plugin is a package that exposes `blueprint`, and optionally `init_app(app)` for defaults of its
own. A name is one of ours (`app.blueprints.<name>`), else an installed entry point of the group
below. Installed is not enabled: only names in BLUEPRINTS are loaded.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from importlib.metadata import entry_points
from types import ModuleType

from flask import Blueprint, Flask

import app.blueprints
from app.config import ConfigurationError

ENTRY_POINT_GROUP = "pionne_feedback.blueprints"


def register_plugins(app_: Flask, names: Iterable[str]) -> None:
    """Register each named plugin, in order.

    Raises ConfigurationError, naming the plugin, when one is unknown, named twice, claimed by two
    packages, cannot be imported, or exposes no blueprint.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ConfigurationError(f"BLUEPRINTS names {name!r} twice.")
        seen.add(name)
        package = _load(name)
        blueprint = getattr(package, "blueprint", None)
        if not isinstance(blueprint, Blueprint):
            raise ConfigurationError(
                f"The plugin {name!r} ({package.__name__}) exposes no `blueprint`."
            )
        try:
            if hasattr(package, "init_app"):
                package.init_app(app_)
            app_.register_blueprint(blueprint)
        except Exception as error:
            raise ConfigurationError(
                f"The plugin {name!r} cannot be registered: {error}"
            ) from error


def _load(name: str) -> ModuleType:
    ours = {module.name for module in pkgutil.iter_modules(app.blueprints.__path__)}
    installed = [point for point in entry_points(group=ENTRY_POINT_GROUP) if point.name == name]
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
        return importlib.import_module(claimed_by[0])
    except Exception as error:
        raise ConfigurationError(
            f"The plugin {name!r} ({claimed_by[0]}) cannot be imported:"
            f" {type(error).__name__}: {error}"
        ) from error
