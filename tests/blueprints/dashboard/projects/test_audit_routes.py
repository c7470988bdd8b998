"""The audit over HTTP: every deed leaves one entry, and no entry tells what it should not."""

import pytest

from app.services import projects


@pytest.fixture
def deeds(call):
    """(actor, action, target id) of each entry, newest first."""

    def read():
        rows = call("GET", "/audit").get_json()["audit"]
        return [(row["actor"], row["action"], row["target_id"]) for row in rows]

    return read


def test_a_project_made_over_the_api_names_its_maker(client, call, as_owner):
    made = client.post("/api/projects", json={"name": "Shop"}, headers=as_owner).get_json()

    answer = call("GET", "/audit", project_id=made["id"])

    assert answer.get_json() == {
        "audit": [
            {
                "id": 2,
                "actor": "owner@example.com",
                "action": "project.created",
                "target_id": None,
                "detail": {"name": "Shop"},
                "created_at": "2026-05-07T17:25:00Z",
            }
        ]
    }


def test_what_is_done_from_the_shell_has_no_actor(app, project, deeds, clock):
    with app.app_context():
        projects.rotate_token(project.id, actor=None, now=clock())

    assert deeds() == [(None, "token.rotated", None), (None, "project.created", None)]


def test_a_change_tells_what_it_changed_and_one_that_changes_nothing_is_no_deed(call, deeds):
    call("PATCH", "", {"name": "Shop", "bundle_id": "com.acme.app"})
    call("PATCH", "", {"name": "Shop"})

    newest = call("GET", "/audit").get_json()["audit"][0]
    assert newest["detail"] == {
        "changes": {
            "name": {"from": "My app", "to": "Shop"},
            "bundle_id": {"from": None, "to": "com.acme.app"},
        }
    }
    assert [action for _, action, _ in deeds()] == ["project.changed", "project.created"]


def test_triage_leaves_one_entry_a_move(call, deeds, make_feedback, make_member, bearer):
    feedback_id, member = make_feedback(), make_member()
    as_member = bearer(member.email)
    for status in ("handled", "handled", "archived", "open"):
        path = f"/feedback/{feedback_id}"
        call("PATCH", path, {"status": status}, headers=as_member)
    call("DELETE", f"/feedback/{feedback_id}")
    call("DELETE", f"/feedback/{feedback_id}")

    assert deeds()[:-1] == [
        ("owner@example.com", "feedback.deleted", feedback_id),
        (member.email, "feedback.reopened", feedback_id),
        (member.email, "feedback.archived", feedback_id),
        (member.email, "feedback.handled", feedback_id),
    ]


def test_issues_leave_one_entry_a_move(call, deeds, make_event):
    issue_id = make_event().issue_id
    for status in ("resolved", "resolved", "ignored", "open"):
        call("PATCH", f"/issues/{issue_id}", {"status": status})
    call("DELETE", f"/issues/{issue_id}")

    actions = [action for _, action, target_id in deeds() if target_id == issue_id]
    assert actions == ["issue.deleted", "issue.opened", "issue.ignored", "issue.resolved"]


def test_members_leave_an_entry_for_each_step(call, client, deeds, make_account, bearer):
    guest = make_account("guest@example.com")
    invited = call("POST", "/members", {"email": guest.email, "role": "viewer"}).get_json()
    token = {"invitation": invited["invitation"]}
    client.post("/api/invitations/accept", json=token, headers=bearer(guest.email))
    call("PATCH", f"/members/{guest.id}", {"role": "member"})
    call("PATCH", f"/members/{guest.id}", {"role": "member"})
    call("DELETE", f"/members/{guest.id}")
    again = call("POST", "/members", {"email": guest.email, "role": "viewer"}).get_json()
    call("DELETE", f"/invitations/{again['id']}")

    owner = "owner@example.com"
    assert deeds()[:-1] == [
        (owner, "invitation.withdrawn", again["id"]),
        (owner, "member.invited", again["id"]),
        (owner, "member.removed", guest.id),
        (owner, "member.role_changed", guest.id),
        (guest.email, "member.joined", guest.id),
        (owner, "member.invited", 1),
    ]


def test_refused_deeds_leave_nothing(call, deeds, make_member, make_feedback, bearer):
    as_viewer = bearer(make_member(role="viewer").email)
    call("PATCH", f"/feedback/{make_feedback()}", {"status": "handled"}, headers=as_viewer)
    call("POST", "/regenerate", headers=as_viewer)
    call("PATCH", "/feedback/999", {"status": "handled"})
    call("DELETE", "", {"confirm": "wrong"})

    assert [action for _, action, _ in deeds()] == ["project.created"]


def test_no_entry_holds_a_message_a_token_or_a_part_of_one(call, make_feedback, project):
    feedback_id = make_feedback(message="The secret of the blank page", name="Zaphod")
    call("PATCH", f"/feedback/{feedback_id}", {"status": "handled"})
    call("DELETE", f"/feedback/{feedback_id}")
    new_token = call("POST", "/regenerate").get_json()["token"]
    invited = call("POST", "/members", {"email": "a@example.com", "role": "member"}).get_json()

    text = call("GET", "/audit").get_data(as_text=True)

    for secret in (project.token, new_token, invited["invitation"]):
        assert secret not in text
        assert secret[:13] not in text
    assert "secret" not in text and "Zaphod" not in text


def test_another_projects_deeds_are_not_shown(call, make_project):
    other = make_project("Other")
    call("POST", "/regenerate", project_id=other.id)

    assert len(call("GET", "/audit").get_json()["audit"]) == 1


def test_at_most_100_entries_come_and_the_link_pages_on(client, call, as_owner):
    for number in range(104):
        call("PATCH", "", {"name": f"Name {number}"})

    first = call("GET", "/audit")
    link = first.headers["Link"].removeprefix("<").partition(">")[0]
    second = client.get(link, headers=as_owner)

    ids = [row["id"] for page in (first, second) for row in page.get_json()["audit"]]
    assert len(first.get_json()["audit"]) == 100
    assert ids == list(range(105, 0, -1))
    assert "Link" not in second.headers


def test_limit_and_before_narrow_the_page(call):
    for number in range(3):
        call("PATCH", "", {"name": f"Name {number}"})

    answer = call("GET", "/audit?limit=2&before=4")

    assert [row["id"] for row in answer.get_json()["audit"]] == [3, 2]
    assert "limit=2&before=2" in answer.headers["Link"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "before=0", "before=-1"])
def test_a_mistyped_page_is_refused(call, query):
    assert call("GET", f"/audit?{query}").status_code == 422


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_can_write_the_audit(call, method):
    assert call(method, "/audit", {}).status_code == 405
