"""Two-factor: a QR code to scan, recovery codes to keep, a first code to confirm.

The secret and the recovery codes are in one answer only, that of the form that asks for them.
"""

import segno
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from app.blueprints.console.account.account_routes import PasswordForm
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.forms import Code, ConsoleForm
from app.extensions import now
from app.services.accounts import two_factor
from app.services.errors import Invalid
from app.web.guesses import confirmation_guess, password_guess
from app.web.openapi import page

_CODE_MAX_CHARS = 40


class FirstCodeForm(ConsoleForm):
    code = Code("Code from the app", max_chars=_CODE_MAX_CHARS)


@blueprint.route("/account/two-factor", methods=["GET", "POST"])
@page
def set_up_two_factor() -> ResponseReturnValue:
    """Ask for the password; the answer shows what the app and its owner need, once."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            with password_guess(current_user.email):
                enrolment = two_factor.enrol(current_user.account_id, password=form.password.data)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            return render_template(
                "console/two_factor_enrol.html",
                form=FirstCodeForm(formdata=None),
                enrolment=enrolment,
                qr_code=_qr_code(enrolment.provisioning_uri),
            )
    state = two_factor.state_of(current_user.account_id)
    return render_template("console/two_factor.html", form=form, state=state), form.status


@blueprint.route("/account/two-factor/confirm", methods=["GET", "POST"])
@page
def confirm_two_factor() -> ResponseReturnValue:
    """With a wrong code, the app keeps its secret and the next code may be right."""
    form, account_id = FirstCodeForm(), current_user.account_id
    if form.validate_on_submit():
        try:
            with confirmation_guess(account_id):
                two_factor.confirm(account_id, code=form.code.data, now=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            flash("Two-factor is on: from now on a login asks for a code.", "good")
            return redirect(url_for(".read_account"))
    return render_template("console/two_factor_confirm.html", form=form), form.status


@blueprint.post("/account/two-factor/off")
@page
def turn_off_two_factor() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate():
        try:
            with password_guess(current_user.email):
                two_factor.turn_off(current_user.account_id, password=form.password.data)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            flash("Two-factor is off.", "good")
            return redirect(url_for(".read_account"))
    state = two_factor.state_of(current_user.account_id)
    return render_template("console/two_factor.html", form=form, state=state), form.status


def _qr_code(address: str) -> Markup:
    """An SVG inside the page: the secret never is in an address, nor in a file to be kept."""
    drawn = segno.make(address, error="m", micro=False)
    svg = drawn.svg_inline(
        omitsize=True, dark="#000", light="#fff", title="QR code", svgclass="qr", lineclass=None
    )
    return Markup(svg)  # segno's own; nothing that somebody typed is in its text
