"""Reports of one session come in any order, and more than once."""

import pytest

from tests.blueprints.ingest.sessions.conftest import SESSION_ID

WORST_LAST = ("ok", "exited", "errored", "abnormal", "crashed")


@pytest.mark.parametrize("second", WORST_LAST)
@pytest.mark.parametrize("first", WORST_LAST)
def test_status_only_rises_and_a_lower_one_is_taken_all_the_same(
    post_session, stored_sessions, first, second
):
    answers = [post_session(status=first), post_session(status=second)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[1].get_json() == {"ok": True, "session_id": SESSION_ID}
    assert [row.status for row in stored_sessions()] == [max(first, second, key=WORST_LAST.index)]


def test_flip_may_come_first(post_session, stored_sessions, clock):
    flipped_at = clock()
    post_session(status="crashed", release="1.0")
    clock.advance(seconds=1)
    post_session(status="ok", release="2.0", duration_ms=7)
    (row,) = stored_sessions()
    assert (row.status, row.release, row.duration_ms) == ("crashed", "1.0", 7)
    assert (row.started_at, row.ended_at) == (flipped_at, flipped_at)


def test_same_report_again_changes_nothing(post_session, stored_sessions, clock):
    for _ in range(3):
        post_session(status="exited", release="1.0", user_id_anon="ann", duration_ms=5)
        clock.advance(minutes=1)
    (row,) = stored_sessions()
    assert (row.status, row.duration_ms) == ("exited", 5)
    assert row.ended_at == row.started_at


def test_upper_case_id_is_the_same_session(post_session, stored_sessions):
    post_session()
    answer = post_session(session_id=SESSION_ID.upper(), status="crashed")
    assert answer.get_json()["session_id"] == SESSION_ID.upper()
    assert [row.status for row in stored_sessions()] == ["crashed"]


def test_same_id_in_two_projects_is_two_sessions(post_session, stored_sessions, make_project):
    post_session(status="ok")
    post_session(status="crashed", token=make_project("Another").token)
    assert [row.status for row in stored_sessions()] == ["ok", "crashed"]


def test_invalid_report_does_not_touch_a_session(post_session, stored_sessions):
    post_session()
    post_session(status="crashed?")
    assert [row.status for row in stored_sessions()] == ["ok"]


def test_app_is_stored_and_never_checked(post_session, stored_sessions, client, project):
    headers = {"X-Pionne-Token": project.token}
    event = {"exception_type": "Error", "app_id": "com.acme.app"}
    assert client.post("/ingest", json=event, headers=headers).status_code == 202
    assert post_session(app_id="com.other").status_code == 202
    assert stored_sessions()[0].app_id == "com.other"
