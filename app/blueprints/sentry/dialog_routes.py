"""The dialog about a crash: its script, and what somebody wrote into it.

A page loads the script from another origin, and gives everything that it is to say in the address.
"""

from pathlib import Path
from urllib.parse import parse_qs

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from app.blueprints.sentry.answers import refused
from app.blueprints.sentry.blueprint import blueprint, sentry_post
from app.blueprints.sentry.counting import Allowances
from app.blueprints.sentry.routes import store_and_answer
from app.current import this_request
from app.domain.losses import LossKind, LossReason
from app.domain.sentry.categories import FEEDBACK
from app.domain.sentry.credentials import Credentials, NoCredentials
from app.domain.sentry.dialog import Dialog, NoEventId, dialog_of
from app.domain.sentry.feedback import InvalidFeedback, received_user_report
from app.domain.sentry.ids import written_id
from app.domain.sentry.reports import IdentifiedFeedback, Lost, Reports
from app.web.incoming import query_values, read_body
from app.web.openapi import page
from app.web.sentry_key import identify_sender, refuse_guess

_ADDRESS = "/api/embed/error-page"
_SCRIPT = Path(__file__).with_name("static").joinpath("dialog.js").read_text(encoding="utf-8")
_TOLD = '"{{ told }}"'
_MAX_FIELDS = 50


@blueprint.get(_ADDRESS)
@page
def read_dialog() -> ResponseReturnValue:
    """The script that draws the dialog."""
    try:
        dialog = _dialog()
    except NoEventId:
        return _no_event_id()
    response = Response(
        _SCRIPT.replace(_TOLD, dialog.in_script()), content_type="text/javascript; charset=utf-8"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@sentry_post(_ADDRESS, kind=LossKind.FEEDBACK)
def submit_dialog() -> ResponseReturnValue:
    """Store what somebody wrote about a crash."""
    try:
        dialog = _dialog()
    except NoEventId:
        return _no_event_id()
    reports, allowances = Reports(), Allowances()
    if not allowances.take(FEEDBACK, 1):
        reports.losses.append(Lost(FEEDBACK, LossReason.LIMITED))
        return store_and_answer(reports, allowances)
    form = _form()
    try:
        told = {"event_id": written_id(dialog.event_id), **form}
        feedback = received_user_report(told)
    except InvalidFeedback as error:
        reports.losses.append(Lost(FEEDBACK, LossReason.INVALID))
        store_and_answer(reports, allowances)
        response = jsonify({"errors": {"comments": [str(error)]}})
        response.status_code = 400
        return response
    reports.feedback.append(IdentifiedFeedback(None, feedback))
    return store_and_answer(reports, allowances)


def _dialog() -> Dialog:
    """Of whoever has the key of a project. Raises NoEventId."""
    asked = this_request()
    query = query_values()
    dialog = dialog_of(query, accept_language=asked.headers.get("Accept-Language"))
    if dialog.dsn is None:
        if not query.get("dsn"):
            raise NoCredentials
        refuse_guess()  # raises
    identify_sender(Credentials(project_id=dialog.dsn.project_id, key=dialog.dsn.key))
    return dialog


def _form() -> dict[str, str]:
    """Of each field the first, whatever the Content-Type."""
    text = read_body().decode("utf-8", "replace")
    try:
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise BadRequest("The form has too many fields.") from None
    return {name: fields[name][0] for name in ("name", "email", "comments") if name in fields}


def _no_event_id() -> Response:
    response = refused(400, "The address must name an event, in eventId.")
    response.set_data(jsonify({"eventId": "It must be the id of an event, 32 digits."}).data)
    return response
