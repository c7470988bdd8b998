"""One piece of feedback, with what helps to understand it beside it."""

from flask import render_template, session
from flask.typing import ResponseReturnValue

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.feedback.detail_words import told_beside
from app.blueprints.console.feedback.inbox_query import inbox_query
from app.blueprints.console.feedback.inbox_routes import SHOWN_CHARS, inbox_address
from app.blueprints.console.issues.event_words import event_in_words
from app.blueprints.console.projects.audit_words import deed_in_words
from app.blueprints.console.releases.rate_words import RateWords, rates_of
from app.domain.roles import Role
from app.extensions import now
from app.services.feedback import inbox
from app.services.pages import feedback_detail
from app.services.releases.past_health import PastHealth
from app.web.incoming import row_id
from app.web.openapi import page


@blueprint.get("/projects/<project>/feedback/<feedback>")
@page
def read_feedback(project: str, feedback: str) -> ResponseReturnValue:
    """The address says which inbox it was opened from, too: its neighbours are of that one."""
    project_id, feedback_id = project_for(Role.VIEWER, project), row_id(feedback)
    query = inbox_query()
    detail = feedback_detail.read(project_id, feedback_id, now=now())
    return render_template(
        "console/feedback.html",
        row=detail.feedback,
        detail=detail,
        beside=told_beside(detail.details),
        event=detail.event and event_in_words(detail.event, is_whole=False),
        rates=_rates(detail.health) if detail.health else [],
        history=[(deed, deed_in_words(deed)) for deed in detail.history],
        neighbours=inbox.neighbours(
            project_id, feedback_id, status=query.status, narrowing=query.narrowing
        ),
        query=query,
        back=inbox_address(project_id, query),
        shown_chars=SHOWN_CHARS,
        undo=session.pop("undo", None),
    )


def _rates(health: PastHealth) -> list[tuple[str, RateWords]]:
    """When, and how it was doing."""
    then = []
    if health.then is not None:
        lines = health.judged_by.sessions
        then = [
            (f"the {health.days} days up to then", RateWords("session", health.then, lines=lines))
        ]
    if health.now is None:
        return then
    when = f"the last {health.days} days"
    return [*then, *((when, words) for words in rates_of(health.now))]
