"""Whoever is logged in: what they are called, a new password, their clients, the account's end."""

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user
from werkzeug.exceptions import NotFound

from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.forms import ConsoleForm, NewPassword, TypedPassword
from app.extensions import now
from app.guesses import password_guess
from app.incoming import row_id
from app.openapi import page
from app.services import (
    account_deletion,
    password_change,
    projects,
    two_factor,
    user_tokens,
)
from app.services.errors import Invalid


class PasswordChangeForm(ConsoleForm):
    current_password = TypedPassword("Present password")
    password = NewPassword("New password")


class PasswordForm(ConsoleForm):
    password = TypedPassword("Your password")


@blueprint.get("/account")
@page
def read_account() -> ResponseReturnValue:
    return render_template(
        "console/account.html",
        two_factor=two_factor.state_of(current_user.account_id),
        clients=[
            (client, _client_in_words(client.name))
            for client in user_tokens.list_of(current_user.account_id)
        ],
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
