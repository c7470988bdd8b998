"""What a project keeps about one person: for them to read, and to be forgotten.

Whom it is about is in the body of each form, never in an address: addresses end up in logs.
"""

import dataclasses
import json

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.forms import ConsoleForm, Email
from app.domain.plain_json import plain_json
from app.domain.roles import Role
from app.extensions import now
from app.services.errors import Invalid
from app.services.people import erasure as person_erasure
from app.services.people import export as person_export
from app.services.people.erasure_steps import in_words
from app.web.openapi import page


class PersonForm(ConsoleForm):
    email = Email("Their e-mail address")


@blueprint.route("/projects/<project>/person", methods=["GET", "POST"])
@page
def find_person(project: str) -> ResponseReturnValue:
    """The form tells how much there is; nothing is changed yet."""
    project_id = project_for(Role.OWNER, project)
    form, counts = PersonForm(), None
    if form.validate_on_submit():
        counts = _counts(_rows(project_id, form.email.data))
    return _person_page(form, counts), form.status


@blueprint.post("/projects/<project>/person/export")
@page
def export_person(project: str) -> ResponseReturnValue:
    """Every row, as a file to hand over."""
    project_id = project_for(Role.OWNER, project)
    form = PersonForm()
    if not form.validate():
        return _person_page(form, None), form.status
    rows = _rows(project_id, form.email.data)
    text = json.dumps(rows, default=plain_json, indent=2, ensure_ascii=False)
    answer = Response(text, mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename="kept-about-a-person.json")
    return answer


@blueprint.post("/projects/<project>/person/erase")
@page
def erase_person(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.OWNER, project)
    form = PersonForm()
    if not form.validate():
        return _person_page(form, None), form.status
    email, actor = form.email.data, current_user.email
    try:
        erased = person_erasure.erase_from_project(project_id, email, actor=actor, now=now())
    except Invalid as refusal:
        form.refuse(refusal)
        return _person_page(form, None), form.status
    flash(f"Erased for good: {in_words(erased) or 'nothing was there'}.", "good")
    return redirect(url_for(".find_person", project=project_id))


def _rows(project_id: int, email: str) -> dict[str, list[object]]:
    return dataclasses.asdict(person_export.export_from_project(project_id, email))


def _counts(rows: dict[str, list[object]]) -> dict[str, int]:
    return {kind: len(found) for kind, found in rows.items() if found}


def _person_page(form: PersonForm, counts: dict[str, int] | None) -> str:
    """`counts` is None before somebody was looked for."""
    return render_template(
        "console/person.html",
        form=form,
        is_found=bool(counts),
        is_nothing=counts == {},
        found=in_words(counts or {}),
    )
