"""`pionne-feedback doctor`: what is wrong with this instance, and what to do."""

import sys
from collections.abc import Iterable

import click
from flask import current_app
from flask.cli import with_appcontext

from app.commands import json_option, say, show
from app.domain.text import in_one_line
from app.extensions import now, settings
from app.services.instance.doctor import Finding, Level, examine, problem

_WORDS = {Level.OK: "ok", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM"}
# Of an app that has no settings (app.entrypoints.without_settings): why they were refused.
REFUSED_SETTINGS = "refused_settings"


@click.command("doctor")
@click.option("--thorough", is_flag=True, help="Read all of a SQLite database, which takes time.")
@json_option
@with_appcontext
def doctor(thorough: bool, as_json: bool) -> None:
    """Check this instance and change nothing.

    Exits 0 when all is well, 1 when something should be looked at, 2 when something is broken or
    unsafe.
    """
    findings = []
    for finding in _findings(thorough=thorough):
        findings.append(finding)
        if not as_json:
            message = in_one_line(finding.message)
            say(f"{_WORDS[finding.level]:<8} {finding.check:<11} {message}")
    worst = max(finding.level for finding in findings)
    if as_json:
        show(_as_object(findings, worst), as_json=True, text="")
    sys.exit(worst)


def _findings(*, thorough: bool) -> Iterable[Finding]:
    if refusal := current_app.extensions.get(REFUSED_SETTINGS):
        return [problem("settings", f"{refusal} Then run this again: nothing else was checked.")]
    return examine(settings(), clock=now, thoroughly=thorough)


def _as_object(findings: Iterable[Finding], worst: Level) -> dict[str, object]:
    return {
        "status": worst.name.lower(),
        "findings": [
            {"check": one.check, "status": one.level.name.lower(), "message": one.message}
            for one in findings
        ],
    }
