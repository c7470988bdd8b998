"""Several pieces of feedback are moved at once, and an undo puts back what nobody touched since."""

import pytest

from app.domain.feedback_status import FeedbackStatus
from app.services.feedback import moves as feedback_moves
from app.services.feedback import triage
from app.services.feedback.moves import UNDO_WITHIN

pytestmark = pytest.mark.usefixtures("context")
ACTOR = "alice@example.com"


@pytest.fixture
def move(project, clock):
    def run(feedback_ids, status, *, actor=ACTOR, project_id=project.id):
        return feedback_moves.move(
            project_id, feedback_ids, status=FeedbackStatus(status), actor=actor, now=clock()
        )

    return run


@pytest.fixture
def undo(project, clock):
    def run(batch, *, actor=ACTOR, project_id=project.id):
        return feedback_moves.undo(
            project_id,
            first_entry=batch.first_entry,
            last_entry=batch.last_entry,
            actor=actor,
            now=clock(),
        )

    return run


@pytest.fixture
def states(stored_feedback):
    """Status and time of handling by id."""
    return lambda: {row.id: (row.status, row.handled_at) for row in stored_feedback()}


@pytest.fixture
def deeds(sql):
    """What the audit says of feedback, oldest first."""
    return lambda: [
        tuple(row)
        for row in sql(
            "SELECT action, target_id FROM audit_entries WHERE action LIKE 'feedback.%' ORDER BY id"
        )
    ]


def test_all_that_are_named_move_together(make_feedback, move, states, clock):
    first, second, third = (make_feedback() for _ in range(3))
    assert move([first, third], "handled").count == 2
    handled = ("handled", clock())
    assert states() == {first: handled, second: ("open", None), third: handled}


def test_audit_has_one_entry_a_piece_as_if_each_was_moved_alone(make_feedback, move, deeds):
    first, second = make_feedback(), make_feedback()
    move([first, second], "archived")
    assert deeds() == [("feedback.archived", first), ("feedback.archived", second)]


def test_what_is_there_already_is_neither_moved_nor_told(make_feedback, move, states, clock):
    handled = make_feedback(status="handled")
    handled_at = clock()
    clock.advance(hours=1)
    assert move([handled], "handled") is None
    assert states()[handled] == ("handled", handled_at)


def test_feedback_of_another_project_is_not_moved(make_project, make_feedback, move, states):
    theirs = make_feedback(project_id=make_project("Other").id)
    assert move([theirs], "archived") is None
    assert states()[theirs] == ("open", None)


def test_undo_restores_each_status_and_time_of_handling(make_feedback, move, undo, states, clock):
    opened, handled = make_feedback(), make_feedback(status="handled")
    before = states()
    clock.advance(hours=1)
    batch = move([opened, handled], "archived")
    assert {status for status, _ in states().values()} == {"archived"}
    clock.advance(seconds=9)
    assert undo(batch) == 2
    assert states() == before


def test_undo_is_audited_as_the_moves_it_makes(make_feedback, move, undo, deeds):
    opened, handled = make_feedback(), make_feedback(status="handled")
    batch = move([opened, handled], "archived")
    undo(batch)
    assert deeds()[-2:] == [("feedback.reopened", opened), ("feedback.handled", handled)]


def test_undo_leaves_what_somebody_moved_since(make_feedback, move, undo, states):
    mine, touched = make_feedback(), make_feedback()
    batch = move([mine, touched], "handled")
    move([touched], "archived", actor="bob@example.com")
    assert undo(batch) == 1
    assert states() == {mine: ("open", None), touched: ("archived", None)}


def test_undo_leaves_what_was_moved_away_and_back_since(make_feedback, move, undo, states):
    touched = make_feedback()
    batch = move([touched], "archived")
    move([touched], "open")
    move([touched], "archived")
    assert undo(batch) == 0
    assert states() == {touched: ("archived", None)}


def test_undo_does_not_bring_back_what_was_deleted(
    project, make_feedback, move, undo, states, clock
):
    gone, kept = make_feedback(), make_feedback()
    batch = move([gone, kept], "handled")
    triage.remove(project.id, gone, actor=None, now=clock())
    assert undo(batch) == 1
    assert states() == {kept: ("open", None)}


def test_undo_works_once(make_feedback, move, undo):
    batch = move([make_feedback()], "handled")
    assert undo(batch) == 1
    assert undo(batch) == 0


def test_nobody_undoes_what_another_did(make_feedback, move, undo):
    batch = move([make_feedback()], "handled")
    assert undo(batch, actor="bob@example.com") == 0


def test_undo_of_another_project_finds_nothing(make_feedback, move, undo, make_project):
    batch = move([make_feedback()], "handled")
    assert undo(batch, project_id=make_project("Other").id) == 0


def test_undo_takes_nothing_of_a_later_move_whose_entries_were_named_too(
    make_feedback, move, undo, states, clock
):
    first, second = make_feedback(), make_feedback()
    earlier = move([first], "handled")
    clock.advance(seconds=1)
    later = move([second], "handled")
    named = feedback_moves.Batch(1, earlier.first_entry, later.last_entry)
    assert undo(named) == 1
    assert states()[second] == ("handled", clock())


def test_undo_is_too_late_after_its_time(make_feedback, move, undo, clock):
    batch = move([make_feedback()], "handled")
    clock.time += UNDO_WITHIN
    clock.advance(seconds=1)
    assert undo(batch) == 0


def test_an_entry_about_something_else_undoes_nothing(undo, project):
    assert undo(feedback_moves.Batch(1, 1, 1), actor=None) == 0


def test_removing_several_deletes_what_is_there_and_audits_each(
    project, make_feedback, states, deeds, clock
):
    first, second, kept = (make_feedback() for _ in range(3))
    gone = feedback_moves.remove(project.id, [first, second, 99], actor=ACTOR, now=clock())
    assert gone == 2
    assert list(states()) == [kept]
    assert deeds() == [("feedback.deleted", first), ("feedback.deleted", second)]
