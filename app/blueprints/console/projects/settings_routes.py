"""A project's settings: name, platform, its app. Everybody reads them, the owner writes."""

from dataclasses import asdict

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.forms import ConsoleForm, Name, OneOf, Text
from app.blueprints.console.projects.threshold_form import ThresholdForm, threshold_form
from app.blueprints.console.releases.rate_words import lines_in_words
from app.domain.field_limits import LABEL_MAX_CHARS, PLATFORM_MAX_CHARS, PROJECT_NAME_MAX_CHARS
from app.domain.roles import Role
from app.domain.sentry.credentials import dsn_text
from app.extensions import now, settings
from app.services import projects
from app.services.errors import Invalid
from app.services.pages import project_summaries
from app.services.projects import disk_shares, thresholds
from app.services.releases import naming
from app.web.incoming import this_instance
from app.web.openapi import page

_ON, _OFF = "on", "off"


class SettingsForm(ConsoleForm):
    name = Text("Name", max_chars=PROJECT_NAME_MAX_CHARS)
    platform = Text("Platform", max_chars=PLATFORM_MAX_CHARS, is_required=False)
    bundle_id = Name("Bundle id", max_chars=LABEL_MAX_CHARS, is_required=False)
    bundle_pinning = OneOf("Events of other apps", {_ON: "Refuse them", _OFF: "Take them all"})


class ReleaseForm(ConsoleForm):
    release = Name("Release", max_chars=LABEL_MAX_CHARS)
    environment = Name("Environment", max_chars=LABEL_MAX_CHARS, is_required=False)


@blueprint.get("/projects/<project>/settings")
@page
def read_settings(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.VIEWER, project)
    summary = project_summaries.read(project_id, now=now())
    return _page(
        summary, SettingsForm(data={**asdict(summary), "bundle_pinning": _in_word(summary)})
    )


@blueprint.post("/projects/<project>/settings")
@page
def change_settings(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.OWNER, project)
    # A page from before there was the choice leaves it as it is.
    form = SettingsForm(bundle_pinning=_in_word(project_summaries.read(project_id, now=now())))
    if form.validate():
        values = {name: form[name].data for name in ("name", "platform", "bundle_id")}
        values["bundle_pinning"] = form.bundle_pinning.data == _ON
        try:
            projects.change(project_id, values, actor=current_user.email, now=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            flash("Saved.", "good")
            return redirect(url_for(".read_settings", project=project_id))
    return _page(project_summaries.read(project_id, now=now()), form), form.status


@blueprint.post("/projects/<project>/settings/release")
@page
def name_release(project: str) -> ResponseReturnValue:
    """Count it by its own name, whatever is left of the day's allowance."""
    project_id = project_for(Role.OWNER, project)
    naming_form = ReleaseForm()
    if naming_form.validate():
        naming.name_release(
            project_id,
            naming_form.release.data,
            environment=naming_form.environment.data,
            actor=current_user.email,
            now=now(),
        )
        flash("It is counted by its own name from now on.", "good")
        return redirect(url_for(".read_settings", project=project_id))
    summary = project_summaries.read(project_id, now=now())
    data = {**asdict(summary), "bundle_pinning": _in_word(summary)}
    return _page(summary, SettingsForm(data=data, formdata=None), naming_form), naming_form.status


@blueprint.post("/projects/<project>/settings/thresholds")
@page
def change_thresholds(project: str) -> ResponseReturnValue:
    """What its releases are judged by."""
    project_id = project_for(Role.OWNER, project)
    judging_form = ThresholdForm()
    if judging_form.validate():
        try:
            projects.change(project_id, judging_form.values, actor=current_user.email, now=now())
        except Invalid as refusal:
            judging_form.refuse(refusal)
        else:
            flash("Saved. Releases are judged by this from now on.", "good")
            return redirect(url_for(".read_settings", project=project_id))
    summary = project_summaries.read(project_id, now=now())
    data = {**asdict(summary), "bundle_pinning": _in_word(summary)}
    shown = _page(summary, SettingsForm(data=data, formdata=None), judging_form=judging_form)
    return shown, judging_form.status


def _in_word(summary: project_summaries.ProjectSummary) -> str:
    return _ON if summary.bundle_pinning else _OFF


def _page(
    summary: project_summaries.ProjectSummary,
    form: SettingsForm,
    naming_form: ReleaseForm | None = None,
    judging_form: ThresholdForm | None = None,
) -> str:
    share = disk_shares.of_project(summary.id, today=now().date())
    per_day = settings().event_bytes_per_day
    return render_template(
        "console/settings.html",
        project=summary,
        dsn=dsn_text(this_instance(), key=summary.sentry_key, project_id=summary.id),
        form=form,
        naming_form=naming_form or ReleaseForm(formdata=None),
        judging_form=judging_form or threshold_form(summary, formdata=None),
        judged_by=lines_in_words(thresholds.of_project(summary.id)),
        names_per_day=settings().new_releases_per_day,
        share=share,
        per_day=per_day,
    )
