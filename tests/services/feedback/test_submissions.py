"""Submitting and moving feedback, past HTTP: what is stored, what is answered, and who may."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from app.database import write_transaction
from app.domain.feedback_status import FeedbackStatus
from app.models import Event, Issue, Project
from app.services import feedback
from app.services.errors import NotFound
from app.services.feedback import triage
from app.services.feedback.fields import AS_TYPED, SCRUBBED
from tests.fixtures.posted import ADDRESS_HASH

WINDOW = timedelta(minutes=10)


@pytest.fixture
def submit(context, project, clock):
    def call(
        message="Hello",
        *,
        project_id=project.id,
        event_id=None,
        address_hash=ADDRESS_HASH,
        **fields,
    ):
        return feedback.submit(
            project_id,
            feedback.Submission(message=message, **fields),
            event_id=event_id,
            address_hash=address_hash,
            now=clock(),
            duplicate_window=WINDOW,
        )

    return call


def test_first_submission_is_new_and_its_copy_is_not(submit):
    first, copy = submit(), submit()
    assert (first.is_new, copy.is_new) == (True, False)
    assert first.id == copy.id


@pytest.mark.parametrize("name", SCRUBBED)
def test_what_is_scrubbed_is_stored_without_an_address(submit, stored_feedback, name):
    submit(**{name: "Ask a@example.com"})
    assert getattr(stored_feedback()[0], name) == "Ask [REDACTED]"


@pytest.mark.parametrize("name", AS_TYPED)
def test_what_is_not_scrubbed_is_stored_as_it_was_typed(submit, stored_feedback, name):
    submit(**{name: "a@example.com"})
    assert getattr(stored_feedback()[0], name) == "a@example.com"


@pytest.mark.parametrize(
    "other", [{"message": "Other"}, {"address_hash": bytes(31) + b"x"}], ids=str
)
def test_submission_that_differs_is_new(submit, other):
    submit()
    assert submit(**other).is_new


def test_project_event_and_message_are_not_mixed_up_in_the_duplicate_key(
    submit, make_event, make_project
):
    """The same characters, cut apart at another place."""
    event = make_event()
    assert submit("1/Hello").is_new
    assert submit("Hello", event_id=event.id).is_new
    assert submit("/Hello").is_new
    assert submit("Hello", project_id=make_project("Another").id).is_new


# Few characters, so that two often differ only in where one part ends and the next begins.
text = st.text('A1",/é😅', max_size=2)
anything = st.tuples(
    text,  # message
    st.none() | text,  # name
    st.none() | text,  # e-mail
    st.integers(0, 1),  # address
    st.sampled_from(["project", "its event", "its other event", "another project"]),
)


@pytest.fixture
def scopes(project, make_event, make_project):
    return {
        "project": {},
        "its event": {"event_id": make_event().id},
        "its other event": {"event_id": make_event().id},
        "another project": {"project_id": make_project("Another").id},
    }


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), first=anything)
def test_second_is_a_copy_exactly_if_all_that_counts_is_equal(submit, scopes, sql, data, first):
    changed = st.integers(0, 4).flatmap(
        lambda place: anything.map(
            lambda other: (*first[:place], other[place], *first[place + 1 :])
        )
    )
    second = data.draw(changed | anything)
    sql("DELETE FROM feedback")
    answers = [
        submit(message, name=name, email=email, address_hash=bytes([n] * 32), **scopes[scope])
        for message, name, email, n, scope in (first, second)
    ]
    assert [answer.is_new for answer in answers] == [True, first != second]
    assert (answers[0].id == answers[1].id) == (first == second)


def test_copies_that_arrive_at_once_are_one(app, submit, stored_feedback):
    everybody = Barrier(8)

    def submit_at_once(_):
        with app.app_context():
            everybody.wait()
            return submit()

    with ThreadPoolExecutor(max_workers=8) as threads:
        answers = list(threads.map(submit_at_once, range(8)))
    assert len({answer.id for answer in answers}) == 1
    assert [answer.is_new for answer in answers].count(True) == 1
    assert len(stored_feedback()) == 1


def test_message_is_stored_scrubbed(submit, stored_feedback):
    submit("I am a@b.example")
    assert stored_feedback()[0].message == "I am [REDACTED]"


def test_expired_feedback_keeps_everything_but_its_claim_to_be_the_first(
    submit, stored_feedback, clock
):
    submit()
    (before,) = stored_feedback()
    clock.advance(minutes=10)
    submit()
    after = stored_feedback()[0]
    kept = {**before._mapping, "duplicate_key": None}
    assert dict(after._mapping) == kept


@pytest.mark.parametrize("event_id", [1, 2**63 - 1])
def test_unknown_event_is_not_found_and_nothing_is_stored(submit, stored_feedback, event_id):
    with pytest.raises(NotFound):
        submit(event_id=event_id)
    assert stored_feedback() == []


@pytest.mark.parametrize(("model", "left"), [(Event, "issue"), (Issue, "nothing")])
def test_feedback_outlives_its_event_and_its_issue(
    submit, make_event, stored_feedback, model, left
):
    event = make_event()
    submit(event_id=event.id)
    with write_transaction() as connection:
        connection.execute(delete(model))
    (row,) = stored_feedback()
    assert row.event_id is None
    assert row.issue_id == (event.issue_id if left == "issue" else None)


def test_feedback_goes_with_its_project(submit, make_event, stored_feedback):
    submit(event_id=make_event().id)
    with write_transaction() as connection:
        connection.execute(delete(Project))
    assert stored_feedback() == []


def test_page_tells_where_the_next_one_starts(context, project, fill_feedback):
    fill_feedback(5)
    first = triage.list_page(project.id, limit=2)
    assert ([row.id for row in first.rows], first.next_before) == ([5, 4], 4)
    last = triage.list_page(project.id, limit=3, before=first.next_before)
    assert ([row.id for row in last.rows], last.next_before) == ([3, 2, 1], None)


def test_page_of_an_empty_project_is_the_last(context, project):
    assert triage.list_page(project.id, limit=1) == triage.FeedbackPage([], None)


@pytest.mark.parametrize("status", FeedbackStatus)
def test_handled_at_is_set_only_while_handled(context, project, make_feedback, clock, status):
    row = triage.set_status(project.id, make_feedback(), status=status, now=clock(), actor=None)
    assert row.status == status
    assert row.handled_at == (clock() if status is FeedbackStatus.HANDLED else None)


def test_handling_again_keeps_the_first_time(context, project, make_feedback, clock):
    first_time = clock()
    feedback_id = make_feedback(status="handled")
    clock.advance(hours=1)
    again = triage.set_status(
        project.id, feedback_id, status=FeedbackStatus.HANDLED, now=clock(), actor=None
    )
    assert again.handled_at == first_time


def test_only_the_project_of_the_feedback_can_move_or_remove_it(
    context, make_feedback, make_project, clock
):
    feedback_id = make_feedback()
    other = make_project("Another")
    with pytest.raises(NotFound):
        triage.set_status(
            other.id, feedback_id, status=FeedbackStatus.OPEN, now=clock(), actor=None
        )
    with pytest.raises(NotFound):
        triage.remove(other.id, feedback_id, actor=None, now=clock())


def test_removed_feedback_cannot_be_removed_again(context, project, make_feedback, clock):
    feedback_id = make_feedback()
    triage.remove(project.id, feedback_id, actor=None, now=clock())
    with pytest.raises(NotFound):
        triage.remove(project.id, feedback_id, actor=None, now=clock())
