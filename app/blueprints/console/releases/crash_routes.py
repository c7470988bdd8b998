"""The crashes of a release on one day: which session has which event, and why others have none."""

from datetime import date
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.choices import form_values
from app.blueprints.console.releases.crash_words import (
    NEAR_MINUTES,
    PARTS,
    TIED,
    no_event_words,
    no_session_words,
    short_reason,
    summary,
)
from app.domain.crash_cursor import read_crash_cursor, write_crash_cursor
from app.domain.roles import Role
from app.extensions import now
from app.services.releases import crashes
from app.services.releases.crashes import Part
from app.web.openapi import page
from app.web.schemas import QueryDay, WireSchema

_PAGE_ROWS = 50


class _QuerySchema(WireSchema):
    day = QueryDay()


_schema = _QuerySchema()


@blueprint.get("/projects/<project>/release/crashes")
@page
def list_crashes(project: str) -> ResponseReturnValue:
    """`?name=` the release, `&day=` a UTC day: without it, the newest one with a crash.

    What an address has that cannot be is as if it were not there.
    """
    project_id, values = project_for(Role.VIEWER, project), form_values()
    name, part = values.get("name", ""), _read_part(values.get("part", ""))
    before = read_crash_cursor(values.get("before", ""))
    found = crashes.of_day(project_id, name, _read_day(values.get("day", "")), now=now())
    shown = found.page(part, limit=_PAGE_ROWS, before=before)

    def address(day: date | None, **more: Any) -> str | None:
        if day is None:
            return None
        return url_for(".list_crashes", project=project_id, name=name, day=str(day), **more)

    kept = {"part": str(part)} if part else {}
    older = shown.next_before and address(
        found.day, **kept, before=write_crash_cursor(shown.next_before)
    )
    return render_template(
        "console/crashes.html",
        name=name,
        found=found,
        # Without a leading zero, on every system.
        day_words=f"{found.day.day} {found.day:%B %Y}",
        today=now().date(),
        summary=summary(found),
        sides=[
            ("Crashed sessions without an event", no_event_words(found)),
            ("Fatal events without a crashed session", no_session_words(found)),
        ],
        rows=shown.ties,
        tied_words=TIED,
        near_minutes=NEAR_MINUTES,
        short_reason=short_reason,
        tabs=[
            (title, address(found.day, **({"part": str(each)} if each else {})), each is part)
            for each, title in PARTS.items()
        ],
        older=older,
        newest=address(found.day, **kept) if before else None,
        older_day=address(found.older_day),
        newer_day=address(found.newer_day),
    )


def _read_part(text: str) -> Part | None:
    try:
        return Part(text)
    except ValueError:
        return None


def _read_day(text: str) -> date | None:
    try:
        day: date | None = _schema.load({"day": text}).get("day")
    except ValidationError:
        return None
    return day
