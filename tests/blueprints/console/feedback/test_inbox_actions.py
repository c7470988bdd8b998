"""Moving, undoing and deleting from the inbox, by forms and without scripts."""

import re

import pytest

INBOX = "/projects/1/inbox"


@pytest.fixture
def page(as_owner_of_project, project):
    return as_owner_of_project


@pytest.fixture
def states(stored_feedback):
    return lambda: {row.id: (row.status, row.handled_at) for row in stored_feedback()}


@pytest.fixture
def send(page):
    """The form of the inbox with these rows checked."""

    def post(deed, *ids, query="", **fields):
        page.get(INBOX + query)
        return page.send(INBOX + query, do=deed, feedback=[str(each) for each in ids], **fields)

    return post


@pytest.fixture
def undo(page):
    """The form that the last page offers."""

    def post():
        values = dict(re.findall(r'name="(first|last)" value="(\d+)"', page.page))
        assert values, page.text
        return page.send(f"{INBOX}/undo", **values)

    return post


def test_all_that_is_checked_moves(send, page, make_feedback, states, clock):
    first, second, third = (make_feedback() for _ in range(3))
    answer = send("handled", first, third)
    assert (answer.status_code, answer.location) == (302, INBOX)
    handled = ("handled", clock())
    assert states() == {first: handled, second: ("open", None), third: handled}
    page.get(answer.location)
    assert "2 handled." in page.text


def test_the_way_back_is_the_list_as_it_was(send, make_feedback):
    feedback_id = make_feedback()
    answer = send("archived", feedback_id, query="?tab=all&q=feedback&before=9")
    assert answer.location == f"{INBOX}?tab=all&q=feedback&before=9"


def test_undo_puts_back_status_and_time_of_handling(send, undo, page, make_feedback, states, clock):
    opened, handled = make_feedback(), make_feedback(status="handled")
    before = states()
    clock.advance(hours=1)
    page.get(send("archived", opened, handled, query="?tab=all").location)
    assert "2 archived." in page.text
    assert undo().status_code == 302
    assert states() == before
    page.get(INBOX)
    assert "Undone: 2 moved back." in page.text


def test_undo_is_offered_once(send, page, make_feedback):
    page.get(send("handled", make_feedback()).location)
    page.get(INBOX)
    assert "data-undo" not in page.page


def test_undo_is_offered_in_its_own_project_only(send, page, make_feedback, make_project):
    other = make_project("Other").id
    send("handled", make_feedback())
    page.get(f"/projects/{other}/inbox")
    assert "data-undo" not in page.page


def test_undo_that_came_too_late_says_so(send, undo, page, make_feedback, states, clock):
    feedback_id = make_feedback()
    page.get(send("handled", feedback_id).location)
    clock.advance(minutes=6)
    undo()
    page.get(INBOX)
    assert "There is nothing to undo" in page.text
    assert states()[feedback_id][0] == "handled"


def test_moving_what_is_there_already_says_that_nothing_changed(send, page, make_feedback):
    page.get(send("handled", make_feedback(status="handled")).location)
    assert "Nothing changed" in page.text
    assert "data-undo" not in page.page


def test_sending_nothing_checked_does_nothing(send, page, make_feedback, states):
    feedback_id = make_feedback()
    page.get(send("handled").location)
    assert "Nothing was selected" in page.text
    assert states()[feedback_id] == ("open", None)


def test_deleting_asks_first(send, page, make_feedback, states):
    feedback_id = make_feedback(message="Please keep me")
    assert send("delete", feedback_id).status_code == 200
    assert "Delete this feedback for good?" in page.text
    assert "Please keep me" in page.text
    assert feedback_id in states()


def test_deleting_after_asking_is_for_good(send, page, make_feedback, states):
    first, second, kept = (make_feedback() for _ in range(3))
    send("delete", first, second, query="?tab=all")
    named = re.findall(r'name="feedback" value="(\d+)"', page.page)
    answer = page.send(f"{INBOX}?tab=all", do="delete", confirmed="yes", feedback=named)
    assert answer.location == f"{INBOX}?tab=all"
    assert list(states()) == [kept]
    page.get(answer.location)
    assert "2 deleted for good." in page.text
    assert "data-undo" not in page.page


def test_asking_about_what_is_gone_says_so(send, page, make_feedback):
    make_feedback()
    send("delete", 99)
    assert "It is gone already" in page.text


def test_audit_tells_each_piece_and_who_did_it(send, make_feedback, database_rows, owner):
    first, second = make_feedback(), make_feedback()
    send("archived", first, second)
    told = database_rows(
        "SELECT actor, action, target_id FROM audit_entries WHERE action LIKE 'feedback%'"
    )
    assert told == [(owner.email, "feedback.archived", each) for each in (first, second)]


def test_feedback_of_another_project_is_left_alone(send, make_feedback, make_project, states):
    theirs = make_feedback(project_id=make_project("Other").id)
    send("handled", theirs)
    send("delete", theirs, confirmed="yes")
    assert states()[theirs] == ("open", None)


@pytest.mark.parametrize(
    ("deed", "ids", "status"),
    [
        ("burn", ["1"], 422),
        ("", ["1"], 422),
        ("handled", ["x"], 404),
        ("handled", ["-1"], 404),
        ("handled", [str(each) for each in range(1, 102)], 422),
    ],
)
def test_a_form_that_no_page_made_is_refused(send, page, make_feedback, deed, ids, status, states):
    feedback_id = make_feedback()
    assert send(deed, *ids).status_code == status
    assert page.page.startswith("<!doctype html>")
    assert states() == {feedback_id: ("open", None)}


@pytest.mark.parametrize("path", [INBOX, f"{INBOX}/undo"])
def test_a_viewer_is_refused_with_a_page(browser_of, make_member, make_feedback, states, path):
    feedback_id = make_feedback()
    viewer = browser_of(make_member("viewer@example.com", "viewer"))
    viewer.get(INBOX)
    answer = viewer.send(path, do="handled", feedback=str(feedback_id), first="1", last="1")
    assert answer.status_code == 403
    assert "You may not do this" in viewer.text
    assert states() == {feedback_id: ("open", None)}


def test_undo_without_its_numbers_is_not_found(page, make_feedback):
    make_feedback()
    page.get(INBOX)
    assert page.send(f"{INBOX}/undo").status_code == 404
