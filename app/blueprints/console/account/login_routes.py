"""Logging in, in one step or two, and out."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user

from app.blueprints.console.account.known_device import is_known_device
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.browser_session import begin_session, client_name, is_own_page
from app.blueprints.console.forms import Code, ConsoleForm, Email, TypedPassword
from app.extensions import now
from app.services.accounts import logins, user_tokens
from app.services.accounts.logins import SecondFactorNeeded
from app.services.errors import Unauthenticated
from app.services.projects import demos
from app.web.guesses import code_guess, login_guess, password_work, recovery_code_guess
from app.web.openapi import page

_CODE_MAX_CHARS = 40
# What the cookie holds between the two steps.
_CHALLENGE = "totp_token"


class LoginForm(ConsoleForm):
    email = Email()
    password = TypedPassword()


class CodeForm(ConsoleForm):
    code = Code("Code", max_chars=_CODE_MAX_CHARS)


@blueprint.route("/login", methods=["GET", "POST"])
@page
def log_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(_wanted_page())
    form, wrong = LoginForm(), None
    if form.validate_on_submit():
        email, password = form.email.data, form.password.data
        try:
            with password_work(), login_guess(email, is_known_device=is_known_device(email)):
                outcome = logins.log_in(email, password=password, client=client_name(), now=now())
        except Unauthenticated as refusal:
            wrong = str(refusal)
        else:
            if isinstance(outcome, SecondFactorNeeded):
                session[_CHALLENGE] = outcome.totp_token
                return redirect(url_for(".log_in_with_code", next=request.args.get("next")))
            begin_session(outcome.token)
            return redirect(_wanted_page())
    answer = render_template(
        "console/login.html", form=form, wrong=wrong, has_demo=demos.has_project()
    )
    return answer, 401 if wrong else form.status


@blueprint.route("/login/code", methods=["GET", "POST"])
@page
def log_in_with_code() -> ResponseReturnValue:
    """The second step: a code of the authenticator app, or a recovery code."""
    challenge = session.get(_CHALLENGE)
    if challenge is None:
        return redirect(url_for(".log_in"))
    form, wrong = CodeForm(), None
    if form.validate_on_submit():
        typed = form.code.data
        is_code = typed.replace(" ", "").isdigit()
        guess = code_guess if is_code else recovery_code_guess
        try:
            account_id = logins.account_of_challenge(challenge, now=now())
        except Unauthenticated as refusal:
            session.pop(_CHALLENGE)
            flash(str(refusal), "bad")
            return redirect(url_for(".log_in"))
        try:
            with guess(account_id):
                logged_in = logins.finish_log_in(
                    account_id,
                    challenge,
                    code=typed if is_code else None,
                    recovery_code=None if is_code else typed,
                    now=now(),
                )
        except Unauthenticated as refusal:
            wrong = str(refusal)
        else:
            begin_session(logged_in.token)
            return redirect(_wanted_page())
    answer = render_template("console/login_code.html", form=form, wrong=wrong)
    return answer, 401 if wrong else form.status


@blueprint.post("/logout")
@page
def log_out() -> ResponseReturnValue:
    """The browser's token is revoked, not only forgotten: a copied cookie is dead too."""
    user_tokens.revoke(current_user.token_id, account_id=current_user.account_id)
    logout_user()
    session.clear()
    flash("You are logged out.", "good")
    return redirect(url_for(".log_in"))


def _wanted_page() -> str:
    """Where somebody was going when they were asked to log in."""
    wanted = request.args.get("next", "")
    return wanted if is_own_page(wanted) else url_for(".read_home")
