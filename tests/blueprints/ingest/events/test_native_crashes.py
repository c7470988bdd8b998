"""A native crash, told by the launch after it, as SDKs send it."""

import uuid

import pytest

from app.services.sessions import ledger as session_ledger

DEVICE = "7d9f1c3e-55aa-4d0e-9b61-0f2a6c1d2e3f"
NIL = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def open_session(client, project):
    def post(**fields):
        body = {
            "session_id": str(uuid.uuid4()),
            "status": "ok",
            "release": "1.4.1",
            "app_version": "1.4.1",
            "environment": "production",
            "user_id_anon": DEVICE,
            **fields,
        }
        answer = client.post("/sessions", json=body, headers={"X-Pionne-Token": project.token})
        assert answer.status_code == 202

    return post


@pytest.fixture
def post_crash(post_event, clock):
    """Told now by 1.4.2, of a minute ago, when 1.4.1 was running."""

    def post(**fields):
        crash = {
            "exception_type": "SIGSEGV",
            "level": "fatal",
            "release": "1.4.2",
            "app_version": "1.4.1",
            "environment": "production",
            "user_id_anon": DEVICE,
            "mechanism": {"type": "native", "handled": False},
            "tags": {"native.crashed_at": clock().timestamp() * 1000 - 60_000},
        }
        answer = post_event(**{**crash, **fields})
        assert answer.status_code == 202, answer.get_json()
        return answer.get_json()

    return post


@pytest.fixture
def report(client, project, as_owner):
    """Crashed and all sessions, by release."""

    def read():
        path = f"/api/projects/{project.id}/release-health"
        rows = client.get(path, headers=as_owner).get_json()["releases"]
        return {row["release"]: (row["sessions_crashed"], row["sessions_total"]) for row in rows}

    return read


@pytest.fixture
def two_launches(open_session, clock):
    """Of 1.4.1, which crashes; after an update, of 1.4.2, a minute later."""
    clock.advance(minutes=-5)
    open_session()
    clock.advance(minutes=5)
    open_session(release="1.4.2", app_version="1.4.2")


@pytest.mark.usefixtures("two_launches")
class TestAfterAnUpdate:
    def test_release_that_crashed_is_charged(self, post_crash, report, app):
        post_crash()
        assert report() == {"1.4.1": (1, 1), "1.4.2": (0, 1)}
        with app.app_context():
            assert list(session_ledger.verify()) == []

    def test_issue_is_one_of_the_release_that_crashed(
        self, post_crash, client, project, as_owner, stored_events
    ):
        stored = post_crash()
        path = f"/api/projects/{project.id}/issues/{stored['issue_id']}"
        shown = client.get(path, headers=as_owner).get_json()
        assert shown["issue"]["releases"] == ["1.4.1"]
        (event,) = shown["events"]
        assert event["release"] == "1.4.1"
        assert event["native_crash"] == {
            "version": "1.4.1",
            "reported_by": "1.4.2",
            "crashed_at": "2026-05-07T17:24:00Z",
        }

    def test_feedback_on_it_is_of_the_release_that_crashed(
        self, post_crash, post_feedback, database
    ):
        stored = post_crash()
        assert post_feedback(path=f"/events/{stored['event_id']}/feedback").status_code == 202
        assert database.rows("SELECT event_release FROM feedback") == [("1.4.1",)]

    @pytest.mark.parametrize(
        "tags", [{"native.crashed_at": "2026-05-07T17:24:00Z"}, {}, [], None, "x"], ids=str
    )
    def test_time_in_iso_or_none_at_all_charges_it_too(self, post_crash, report, tags):
        post_crash(tags=tags)
        assert report()["1.4.1"] == (1, 1)

    def test_user_may_be_named_in_an_object(self, post_crash, report):
        post_crash(user_id_anon=None, user={"id": DEVICE})
        assert report()["1.4.1"] == (1, 1)

    def test_event_of_another_mechanism_charges_nothing(self, post_crash, report, stored_events):
        post_crash(mechanism={"type": "onerror", "handled": False})
        assert report() == {"1.4.1": (0, 1), "1.4.2": (0, 1)}
        (event,) = stored_events()
        assert event.release == "1.4.2"
        assert "native_crash" not in event.content

    @pytest.mark.parametrize("nobody", [{"user_id_anon": None}, {"user_id_anon": NIL}], ids=str)
    def test_crash_of_nobody_is_stored_and_charges_nobody(
        self, open_session, post_crash, report, stored_events, nobody
    ):
        open_session(**nobody)
        post_crash(**nobody)
        assert report() == {"1.4.1": (0, 2), "1.4.2": (0, 1)}
        assert stored_events()[0].release == "1.4.1"


def test_crash_of_the_same_version_charges_the_session_before_this_one(
    open_session, post_crash, report, clock, stored_events
):
    named = {"release": "com.acme.app@1.4.1+7"}
    clock.advance(minutes=-5)
    open_session(**named)
    clock.advance(minutes=5)
    open_session(**named)
    post_crash(**named)
    assert report() == {"com.acme.app@1.4.1+7": (1, 2)}
    assert stored_events()[0].release == "com.acme.app@1.4.1+7"


@pytest.mark.parametrize(
    ("session", "told"),
    [
        ({"release": "com.acme.app@1.4.1+33", "app_version": None}, "1.4.1"),
        ({"release": "v1.4.1", "app_version": None}, "1.4.1+33"),
        ({"release": None, "app_version": "1.4.1"}, "com.acme.app@1.4.1+33"),
    ],
    ids=str,
)
def test_version_may_be_named_in_another_form_than_the_sessions(
    open_session, post_crash, report, stored_events, clock, session, told
):
    clock.advance(minutes=-5)
    open_session(**session)
    clock.advance(minutes=5)
    post_crash(app_version=told)
    name = session["release"] or session["app_version"]
    assert report() == {name: (1, 1)}
    assert stored_events()[0].release == name


@pytest.mark.parametrize("user_id", ["\ud83d", 7, "x" * 500, {"id": 1}, ["ann"]], ids=repr)
def test_odd_user_never_costs_the_event(post_crash, user_id):
    post_crash(user_id_anon=None, user={"id": user_id})
