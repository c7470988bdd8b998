"""The app of one command, for when the settings make no other: `doctor` says why."""

from flask import Flask

from app.blueprints.operations.commands import REFUSED_SETTINGS, doctor


def app_without_settings(refusal: str) -> Flask:
    app = Flask("app", static_folder=None)
    app.extensions[REFUSED_SETTINGS] = refusal
    app.cli.add_command(doctor)
    return app
