"""One piece of feedback with its event, issue, neighbours on the issue, history and health."""

import pytest

from app.domain.feedback_status import FeedbackStatus
from app.domain.rates import Tally
from app.services.errors import NotFound
from app.services.feedback import triage
from app.services.pages import feedback_detail

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def read(project, clock):
    return lambda feedback_id: feedback_detail.read(project.id, feedback_id, now=clock())


def test_feedback_alone_has_nothing_beside_it(make_feedback, read):
    detail = read(make_feedback(message="Hello"))
    assert detail.feedback.message == "Hello"
    assert (detail.event, detail.issue, detail.health) == (None, None, None)
    assert (detail.others, detail.history) == ([], [])


def test_feedback_of_another_project_is_not_there(make_feedback, make_project, read):
    with pytest.raises(NotFound):
        read(make_feedback(project_id=make_project("Other").id))


def test_event_and_issue_stand_beside_it(make_feedback, make_event, read):
    event = make_event()
    detail = read(make_feedback(event_id=event.id))
    assert detail.event.id == event.id
    assert detail.issue.id == event.issue_id


def test_issue_stays_when_the_event_is_purged(make_feedback, make_event, read, sql):
    event = make_event()
    feedback_id = make_feedback(event_id=event.id)
    sql("DELETE FROM events")
    detail = read(feedback_id)
    assert detail.event is None
    assert detail.issue.id == event.issue_id


def test_others_are_the_newest_of_the_issue_without_itself(make_feedback, make_event, read):
    event = make_event()
    ids = [make_feedback(event_id=event.id) for _ in range(7)]
    make_feedback(event_id=make_event().id)
    detail = read(ids[6])
    assert [row.id for row in detail.others] == ids[5:0:-1]
    assert detail.has_more_others
    assert not read(ids[0]).others[0].id == ids[0]


def test_history_is_what_was_done_to_it_newest_first(project, make_feedback, read, clock):
    feedback_id, other = make_feedback(), make_feedback(status="handled")
    for status in (FeedbackStatus.HANDLED, FeedbackStatus.OPEN):
        triage.set_status(
            project.id, feedback_id, status=status, actor="a@example.com", now=clock()
        )
    history = read(feedback_id).history
    assert [entry.action for entry in history] == ["feedback.reopened", "feedback.handled"]
    assert history[0].detail["from"] == "handled"
    assert len(read(other).history) == 1


@pytest.mark.sqlite_only("PostgreSQL's plans are in test_query_plans_of_postgresql")
def test_history_is_found_by_an_index(context, sql):
    [[_, _, _, plan]] = sql(
        "EXPLAIN QUERY PLAN SELECT id, detail FROM audit_entries"
        " WHERE project_id = 1 AND target_id = 2"
        " AND action IN ('feedback.handled') ORDER BY id DESC LIMIT 50"
    )
    assert "ix_audit_entries_target (project_id=? AND target_id=?)" in plan


def test_health_of_today_is_that_of_now(make_feedback, read, record):
    record("crashed", user="a")
    record("ok", user="b")
    health = read(make_feedback(app_version="1.0")).health
    assert health.then is None
    assert health.now.users == Tally(2, 1)


def test_health_then_counts_the_fortnight_up_to_that_day_only(make_feedback, read, record, clock):
    record("crashed")  # too old
    clock.advance(days=14)
    record("crashed")
    record("ok")
    feedback_id = make_feedback(app_version="1.0")
    clock.advance(days=1)
    record("crashed")  # too new
    clock.advance(days=1)
    health = read(feedback_id).health
    assert health.then == Tally(2, 1)
    assert health.now.sessions == Tally(3, 2)


def test_health_is_of_the_events_release_rather_than_the_app_version(
    make_feedback, make_event, read, record
):
    record("ok", release="1.0")  # the release of make_event
    detail = read(make_feedback(event_id=make_event().id, app_version="7.7"))
    assert detail.health.release == "1.0"


def test_health_of_a_release_that_nobody_runs_any_more_has_no_now(
    make_feedback, read, record, clock
):
    record("ok")
    feedback_id = make_feedback(app_version="1.0")
    clock.advance(days=20)
    health = read(feedback_id).health
    assert (health.then, health.now) == (Tally(1, 0), None)


def test_health_is_unknown_without_any_session(make_feedback, read, clock):
    feedback_id = make_feedback(app_version="1.0")
    assert read(feedback_id).health is None
    clock.advance(days=2)
    assert read(feedback_id).health is None
