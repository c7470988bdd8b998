"""Projects: which there are, a new one, and how to send its first feedback."""

from dataclasses import asdict
from uuid import uuid4

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.forms import ConsoleForm, Text
from app.blueprints.console.paging import cursor
from app.blueprints.console.projects.curl_lines import curl_lines
from app.blueprints.console.projects.glance_words import in_words
from app.blueprints.console.projects.sentry_snippets import sentry_snippets
from app.blueprints.console.projects.snippets import snippets
from app.domain.field_limits import PLATFORM_MAX_CHARS, PROJECT_NAME_MAX_CHARS
from app.domain.roles import Role
from app.domain.sentry.credentials import dsn_text
from app.extensions import now
from app.services import projects
from app.services.errors import Invalid
from app.services.pages import project_summaries, projects_at_a_glance
from app.services.projects import demos, first_arrivals
from app.web.incoming import this_instance
from app.web.openapi import page

_PAGE_ROWS = 50
_PLACE_OF_TOKEN = "THE-TOKEN-OF-THE-PROJECT"


class ProjectForm(ConsoleForm):
    name = Text("Name", max_chars=PROJECT_NAME_MAX_CHARS)
    platform = Text("Platform", max_chars=PLATFORM_MAX_CHARS, is_required=False)


@blueprint.get("/projects")
@page
def list_projects() -> ResponseReturnValue:
    """`?after=` is the last project of the page before."""
    after = cursor("after")
    shown = projects_at_a_glance.list_page(
        current_user.account_id, now=now(), limit=_PAGE_ROWS, after=after or 0
    )
    return render_template(
        "console/projects.html",
        rows=in_words(shown.projects, today=now().date()),
        next_after=shown.next_after,
        is_first=not after,
        lately_days=projects_at_a_glance.LATELY_DAYS,
        has_demo=demos.has_project(),
    )


@blueprint.route("/projects/new", methods=["GET", "POST"])
@page
def create_project() -> ResponseReturnValue:
    """The answer to the form shows the token, once; so it is a page, not a redirect to one."""
    form = ProjectForm()
    if form.validate_on_submit():
        try:
            made = projects.create(
                form.name.data,
                platform=form.platform.data,
                owner_id=current_user.account_id,
                actor=current_user.email,
                now=now(),
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            project_id = project_for(Role.OWNER, str(made.id))
            return _set_up_page(project_id, token=made.token), 201
    is_first = not project_summaries.list_of_account(current_user.account_id, now=now())
    return render_template("console/new_project.html", form=form, is_first=is_first), form.status


@blueprint.get("/projects/<project>")
@page
def read_project(project: str) -> ResponseReturnValue:
    return redirect(url_for(".read_inbox", project=project_for(Role.VIEWER, project)))


@blueprint.get("/projects/<project>/start")
@page
def read_start(project: str) -> ResponseReturnValue:
    """How to send feedback, without the token, which was shown once."""
    project_id = project_for(Role.VIEWER, project)
    return _set_up_page(project_id, token=None)


@blueprint.get("/projects/<project>/start/arrived")
@page
def read_arrivals(project: str) -> ResponseReturnValue:
    """What the script of the set-up page asks every few seconds."""
    return asdict(first_arrivals.of_project(project_for(Role.VIEWER, project)))


def _set_up_page(project_id: int, *, token: str | None) -> str:
    base, sent = this_instance(), token or _PLACE_OF_TOKEN
    project = project_summaries.read(project_id, now=now())
    dsn = dsn_text(base, key=project.sentry_key, project_id=project_id)
    return render_template(
        "console/set_up.html",
        token=token,
        project=project,
        base=base,
        curl=curl_lines(base, sent, session_id=uuid4(), bundle_id=project.bundle_id),
        snippets=snippets(base, sent),
        dsn=dsn,
        sentry_snippets=sentry_snippets(dsn),
        arrivals=first_arrivals.of_project(project_id),
    )
