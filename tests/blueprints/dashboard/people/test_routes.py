"""`POST …/people/export` and `…/people/erase`: one person, in one project."""

import pytest

from app.services import projects

ALICE = "alice@example.com"
EXPORT, ERASE = "/people/export", "/people/erase"
EVERY_KIND = (
    "feedback",
    "events",
    "issues",
    "invitations",
    "memberships",
    "audit",
    "sessions",
    "releases",
    "project_names",
)
NOTHING = dict.fromkeys(EVERY_KIND, 0)


def test_an_export_shows_feedback_as_the_list_does_with_its_details_and_project(
    call, make_feedback, make_event, project
):
    event = make_event()
    feedback_id = make_feedback(email=ALICE, name="Alice", event_id=event.id, url="app://x")

    answer = call("POST", EXPORT, {"email": ALICE})

    assert answer.status_code == 200
    (listed,) = call("GET", "/feedback").get_json()["feedback"]
    assert listed["id"] == feedback_id
    assert answer.get_json() == {
        **{kind: [] for kind in EVERY_KIND},
        "feedback": [{**listed, "details": None, "project_id": project.id}],
    }


def test_an_export_shows_events_as_an_issue_does(call, client, project):
    client.post(
        "/ingest",
        json={"exception_type": "E", "release": "1.0 of alice@example.com"},
        headers={"X-Pionne-Token": project.token},
    )
    (issue,) = call("GET", "/issues").get_json()["issues"]
    (shown,) = call("GET", f"/issues/{issue['id']}").get_json()["events"]

    found = call("POST", EXPORT, {"email": ALICE}).get_json()

    assert found["events"] == [{**shown, "project_id": project.id}]


def test_an_export_shows_sessions_and_the_names_that_name_the_person(call, client, project):
    session = {
        "session_id": "123e4567-e89b-12d3-a456-426614174000",
        "status": "crashed",
        "user_id_anon": ALICE,
        "release": f"1.0 of {ALICE}",
        "os_name": "Android 16",
        "duration_ms": 7,
    }
    client.post("/sessions", json=session, headers={"X-Pionne-Token": project.token})
    call("PATCH", "", {"name": f"For {ALICE}"})

    found = call("POST", EXPORT, {"email": ALICE}).get_json()

    assert found["sessions"] == [
        {
            "id": 1,
            "project_id": project.id,
            "session_id": session["session_id"],
            "release": session["release"],
            "environment": "production",
            "status": "crashed",
            "app_version": None,
            "os_name": "Android 16",
            "app_id": None,
            "duration_ms": 7,
            "started_at": "2026-05-07T17:25:00Z",
            "ended_at": "2026-05-07T17:25:00Z",
            "errors": 0,
            "unhandled": False,
            "abnormal_mechanism": None,
            "reported_at": None,
            "is_theirs": True,
        }
    ]
    named = {"project_id": project.id, "name": session["release"], "issue_id": None}
    assert found["releases"] == [
        {**named, "environment": None},
        {**named, "environment": "production"},
    ]
    assert found["project_names"] == [
        {"project_id": project.id, "name": f"For {ALICE}", "platform": None, "bundle_id": None}
    ]


def test_erasing_tells_how_much_is_gone(call, make_feedback):
    make_feedback(email=ALICE)
    make_feedback(name=f"for {ALICE}")
    kept = make_feedback(email="bob@example.com")

    answer = call("POST", ERASE, {"email": ALICE})

    assert answer.status_code == 200
    assert answer.get_json() == {"erased": {**NOTHING, "feedback": 2}}
    assert [row["id"] for row in call("GET", "/feedback").get_json()["feedback"]] == [kept]


def test_erasing_is_audited_with_numbers_only(call, make_feedback, owner):
    make_feedback(email=ALICE)
    call("POST", ERASE, {"email": ALICE})

    newest = call("GET", "/audit").get_json()["audit"][0]
    assert (newest["actor"], newest["action"]) == (owner.email, "person.erased")
    assert (newest["target_id"], newest["detail"]) == (None, {"feedback": 1})


def test_erasing_twice_is_harmless(call, make_feedback):
    make_feedback(email=ALICE)
    call("POST", ERASE, {"email": ALICE})

    assert call("POST", ERASE, {"email": ALICE}).get_json() == {"erased": NOTHING}
    actions = [row["action"] for row in call("GET", "/audit").get_json()["audit"]]
    assert actions.count("person.erased") == 1


def test_nobody_learns_from_it_who_has_an_account(call, make_account):
    make_account(ALICE)
    answers = []
    for email in (ALICE, "nobody@example.com"):
        call("POST", "/members", {"email": email, "role": "viewer"})
        found = call("POST", EXPORT, {"email": email}).get_json()
        erased = call("POST", ERASE, {"email": email}).get_json()
        answers.append(({kind: len(rows) for kind, rows in found.items()}, erased))

    assert answers[0] == answers[1]


def test_an_erased_member_is_out_and_their_token_is_their_own(call, make_member, bearer, client):
    member = make_member(ALICE, "viewer")
    headers = bearer(member.email)

    assert call("POST", ERASE, {"email": ALICE}).get_json()["erased"]["memberships"] == 1
    assert call("GET", "/feedback", headers=headers).status_code == 404
    assert client.get("/api/auth/me", headers=headers).status_code == 200


def test_an_erased_invitation_lets_nobody_in(call, make_account, bearer, client):
    body = {"email": ALICE, "role": "viewer"}
    token = call("POST", "/members", body).get_json()["invitation"]
    make_account(ALICE)
    call("POST", ERASE, {"email": ALICE})

    accepted = client.post(
        "/api/invitations/accept", json={"invitation": token}, headers=bearer(ALICE)
    )
    assert accepted.status_code == 404


def test_the_owner_is_not_erased_and_told_why(call, owner, make_feedback):
    kept = make_feedback(email=owner.email)
    answer = call("POST", ERASE, {"email": owner.email.upper()})

    assert answer.status_code == 422
    assert "owner" in answer.get_json()["errors"]["email"][0]
    assert [row["id"] for row in call("GET", "/feedback").get_json()["feedback"]] == [kept]


@pytest.mark.parametrize("path", [EXPORT, ERASE])
@pytest.mark.parametrize("body", [{}, {"email": None}, {"email": "no address"}, {"email": 7}])
def test_what_is_no_address_is_refused(call, path, body):
    answer = call("POST", path, body)

    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["email"]


@pytest.mark.parametrize("path", [EXPORT, ERASE])
def test_an_address_of_a_query_string_is_not_looked_at(call, path):
    """It would be in the log of each proxy on the way."""
    assert call("POST", f"{path}?email={ALICE}", {}).status_code == 422


@pytest.mark.parametrize("path", [EXPORT, ERASE])
def test_no_log_line_has_the_address(call, make_feedback, path, log_lines):
    make_feedback(email=ALICE)
    call("POST", path, {"email": ALICE})

    assert log_lines
    assert not [line for line in log_lines if "alice" in line.lower()]


def test_a_deleted_project_erases_nobody(app, call, project, clock, make_feedback):
    app.extensions["background_purge"].stop()
    make_feedback(email=ALICE)
    with app.app_context():
        projects.mark_deleted(project.id, confirm=project.name, actor=None, now=clock())

    assert call("POST", ERASE, {"email": ALICE}).status_code == 404
