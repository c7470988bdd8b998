"""Whoever is logged in: a new password, their clients and API tokens, the account's end."""

from typing import Any

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user
from werkzeug.exceptions import NotFound
from wtforms import BooleanField
from wtforms.validators import StopValidation

from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.forms import ConsoleForm, NewPassword, Text, TypedPassword
from app.domain.field_limits import TOKEN_LABEL_MAX_CHARS
from app.extensions import now
from app.services import projects
from app.services.accounts import api_tokens
from app.services.accounts import deletion as account_deletion
from app.services.accounts import password_change, two_factor, user_tokens
from app.services.errors import Invalid
from app.web.guesses import password_guess
from app.web.incoming import row_id
from app.web.openapi import docs_address, page


class PasswordChangeForm(ConsoleForm):
    current_password = TypedPassword("Present password")
    password = NewPassword("New password")


class PasswordForm(ConsoleForm):
    password = TypedPassword("Your password")


class Days(Text):
    """A whole number of days, or nothing; how many there may be, the service says."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, max_chars=10, is_required=False, **kwargs)

    def check(self, text: str) -> None:
        if not (text.isascii() and text.isdigit()):
            raise StopValidation("A whole number of days, please.")


class ApiTokenForm(ConsoleForm):
    name = Text("Name", max_chars=TOKEN_LABEL_MAX_CHARS)
    expires_in_days = Days("Expires in days")
    read_only = BooleanField("May only read")


@blueprint.get("/account")
@page
def read_account() -> ResponseReturnValue:
    return _account_page(ApiTokenForm())


def _account_page(form: ApiTokenForm, *, token: str | None = None) -> str:
    """`token` is a new one, to be shown now."""
    rows = user_tokens.list_of(current_user.account_id)
    return render_template(
        "console/account.html",
        two_factor=two_factor.state_of(current_user.account_id),
        clients=[(row, _client_in_words(row.name)) for row in rows if row.kind == "login"],
        api_tokens=[row for row in rows if row.kind == "api"],
        form=form,
        token=token,
        now=now(),
        docs=docs_address(),
    )


def _client_in_words(name: str) -> str:
    """Browsers by what they are; those that logged in before that was kept are just that."""
    return name.partition(":")[2] or "Browser" if user_tokens.is_browser(name) else name


@blueprint.route("/account/password", methods=["GET", "POST"])
@page
def change_password() -> ResponseReturnValue:
    form = PasswordChangeForm()
    if form.validate_on_submit():
        try:
            with password_guess(current_user.email):
                password_change.change_password(
                    current_user.account_id,
                    current_password=form.current_password.data,
                    new_password=form.password.data,
                    kept_token_id=current_user.token_id,
                )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            flash("Your password is changed, and every other client is logged out.", "good")
            return redirect(url_for(".read_account"))
    return render_template("console/password.html", form=form), form.status


@blueprint.post("/account/clients/<client>/revoke")
@page
def revoke_client(client: str) -> ResponseReturnValue:
    """Log one client out; this browser has a button of its own for that."""
    token_id = row_id(client)
    if token_id == current_user.token_id:
        raise NotFound("This browser is logged out by “Log out”, in the menu.")
    user_tokens.revoke(token_id, account_id=current_user.account_id)
    flash("The client is logged out.", "good")
    return redirect(url_for(".read_account"))


@blueprint.post("/account/clients/revoke")
@page
def revoke_other_clients() -> ResponseReturnValue:
    user_tokens.revoke_others(current_user.account_id, kept_token_id=current_user.token_id)
    flash("Every client but this browser is logged out.", "good")
    return redirect(url_for(".read_account"))


@blueprint.post("/account/tokens")
@page
def make_api_token() -> ResponseReturnValue:
    """The answer shows the new one, once; so it is a page, not a redirect to one."""
    form = ApiTokenForm()
    if form.validate():
        days = form.expires_in_days.data
        try:
            made = api_tokens.make(
                current_user.account_id,
                form.name.data,
                expires_in_days=None if days is None else int(days),
                read_only=form.read_only.data,
                now=now(),
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            return _account_page(ApiTokenForm(formdata=None), token=made.token)
    return _account_page(form), form.status


@blueprint.post("/account/tokens/<api_token>/revoke")
@page
def revoke_api_token(api_token: str) -> ResponseReturnValue:
    token_id = row_id(api_token)
    if token_id == current_user.token_id:
        raise NotFound("This is no API token, but this browser.")
    user_tokens.revoke(token_id, account_id=current_user.account_id)
    flash("The token is revoked.", "good")
    return redirect(url_for(".read_account"))


@blueprint.route("/account/delete", methods=["GET", "POST"])
@page
def delete_account() -> ResponseReturnValue:
    form, account_id = PasswordForm(), current_user.account_id
    if form.validate_on_submit():
        try:
            with password_guess(current_user.email):
                account_deletion.delete_account(account_id, password=form.password.data, now=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            logout_user()
            session.clear()
            flash("Your account is deleted, with every project it owned.", "good")
            return redirect(url_for(".log_in"))
    names = projects.names_owned_by(account_id)
    return render_template("console/delete_account.html", form=form, names=names), form.status
