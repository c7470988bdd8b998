"""Making an account: the first one of an instance, or a later one where that is allowed."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.browser_session import begin_session, client_name
from app.blueprints.console.forms import Code, ConsoleForm, Email, NewPassword, Text
from app.domain.field_limits import NAME_MAX_CHARS
from app.domain.registration import RegistrationMode
from app.extensions import now, settings
from app.services.accounts import registration
from app.services.accounts.registration import Application
from app.services.errors import Forbidden, Invalid
from app.services.projects import demos
from app.web.guesses import password_work
from app.web.openapi import page

# An invitation is shorter; what is longer is none.
_INVITATION_MAX_CHARS = 200


class RegistrationForm(ConsoleForm):
    """`invitation` is only asked for where nobody gets in without one."""

    name = Text("Name", max_chars=NAME_MAX_CHARS, is_required=False)
    email = Email()
    password = NewPassword()
    invitation = Code("Invitation", max_chars=_INVITATION_MAX_CHARS, is_required=False)


@blueprint.route("/register", methods=["GET", "POST"])
@page
def register() -> ResponseReturnValue:
    """The welcome of an empty instance; later, for whoever may come."""
    mode = RegistrationMode(settings().registration)
    form = RegistrationForm()
    if form.validate_on_submit():
        application = Application(
            email=form.email.data,
            password=form.password.data,
            name=form.name.data,
            invitation=form.invitation.data,
        )
        try:
            with password_work():
                registered = registration.register(
                    application, mode=mode, client=client_name(), now=now()
                )
        except Invalid as refusal:
            form.refuse(refusal)
        except Forbidden as refusal:
            form.refuse(Invalid("invitation", str(refusal)))
        else:
            begin_session(registered.token)
            return redirect(url_for(".read_home"))
    needs_invitation = registration.why_refused(mode, is_invited=False) is not None
    form.invitation.flags.required = needs_invitation
    answer = render_template(
        "console/register.html",
        form=form,
        is_first=registration.is_first_run(),
        needs_invitation=needs_invitation,
        has_demo=demos.has_project(),
        refusal=registration.why_refused(mode, is_invited=True),
    )
    return answer, form.status
