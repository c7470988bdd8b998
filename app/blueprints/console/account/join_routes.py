"""Joining a project with an invitation, as whoever is logged in."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.browser_session import ask_to_log_in
from app.blueprints.console.forms import Code, ConsoleForm
from app.extensions import now
from app.services.errors import NotFound
from app.services.projects import invitations
from app.web.openapi import page

_INVITATION_MAX_CHARS = 200


class JoinForm(ConsoleForm):
    invitation = Code("Invitation", max_chars=_INVITATION_MAX_CHARS)


@blueprint.route("/join", methods=["GET", "POST"])
@page
def join() -> ResponseReturnValue:
    """The address that owners send along is `/join#pio_invite_…`.

    What comes after the # never reaches a server or its log; `invitation.js` puts it into the form.
    """
    form, refused = JoinForm(), None
    if not current_user.is_authenticated:
        if form.is_submitted():
            return ask_to_log_in()
        return render_template("console/join_first.html")
    if form.validate_on_submit():
        try:
            joined = invitations.accept(
                form.invitation.data, account_id=current_user.account_id, now=now()
            )
        except NotFound as refusal:
            refused = str(refusal)
        else:
            flash(f"You have joined, as {joined.role}.", "good")
            return redirect(url_for(".read_inbox", project=joined.project_id))
    answer = render_template("console/join.html", form=form, refused=refused)
    return answer, 404 if refused else form.status
