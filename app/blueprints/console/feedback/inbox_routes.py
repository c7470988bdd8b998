"""The inbox: what users of the app said, newest first, in tabs."""

from flask import render_template, session, url_for
from flask.typing import ResponseReturnValue

from app.blueprints.console.access import project_for
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.feedback.inbox_query import ALL, InboxQuery, inbox_query
from app.blueprints.console.paging import cursor
from app.blueprints.console.projects.loss_words import words_for
from app.domain.feedback_status import FeedbackStatus
from app.domain.roles import Role
from app.extensions import now
from app.services.feedback import inbox, versions
from app.services.pages import lost_lately
from app.web.openapi import page

# With all their texts as long as they may be, the page is under 100 kB.
PAGE_ROWS = 25
# A message may be 2000 characters; a list of such would be a slow page on a phone.
SHOWN_CHARS = 280
# In the list beneath the field of the filter, which takes any.
_OFFERED_VERSIONS = 50


@blueprint.get("/projects/<project>/inbox")
@page
def read_inbox(project: str) -> ResponseReturnValue:
    project_id = project_for(Role.VIEWER, project)
    query = inbox_query()
    shown = inbox.read_page(
        project_id,
        status=query.status,
        narrowing=query.narrowing,
        limit=PAGE_ROWS,
        before=query.before,
    )
    older = shown.next_before and url_for(
        ".read_inbox", project=project_id, **query.values(before=shown.next_before)
    )
    return render_template(
        "console/inbox.html",
        query=query,
        shown=shown,
        tabs=_tabs(shown.counts),
        versions=versions.list_page(project_id, limit=_OFFERED_VERSIONS),
        older=older,
        is_first=query.before is None,
        shown_chars=SHOWN_CHARS,
        losses=words_for(lost_lately.read(project_id, today=now().date())),
        undo=session.pop("undo", None),
    )


@blueprint.get("/projects/<project>/inbox/arrivals")
@page
def count_arrivals(project: str) -> ResponseReturnValue:
    """What the inbox's script asks now and then: how much open feedback came after `?after=`."""
    project_id = project_for(Role.VIEWER, project)
    query = inbox_query()
    return {"count": inbox.count_arrivals(project_id, query.narrowing, after=cursor("after") or 0)}


def _tabs(counts: dict[FeedbackStatus, int]) -> dict[str, int]:
    """The tabs in their order, with how much each holds."""
    return {
        **{status.value: counts[status] for status in FeedbackStatus},
        ALL: sum(counts.values()),
    }


def inbox_address(project_id: int, query: InboxQuery) -> str:
    """The page of the inbox that the query was sent from."""
    return url_for(".read_inbox", project=project_id, **query.values(before=query.before))
