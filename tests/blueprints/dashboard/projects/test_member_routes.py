"""Members over HTTP: invited by address, joined, given another role, removed.

"Guest" is somebody who is invited. Most tests run twice, with and without an account for the
address, because nobody but the guest may see a difference.
"""

import re

import pytest

GUEST = "Guest@Example.com"


@pytest.fixture
def invite(call):
    def post(email: str = GUEST, role: str = "member", **options):
        return call("POST", "/members", {"email": email, "role": role}, **options)

    return post


@pytest.fixture
def accept(client):
    def post(token: str, headers: dict[str, str]):
        return client.post("/api/invitations/accept", json={"invitation": token}, headers=headers)

    return post


@pytest.fixture
def team(call):
    """(addresses and roles of the members, addresses and roles of the invited)"""

    def read():
        body = call("GET", "/members").get_json()
        return tuple(
            {row["email"]: row["role"] for row in body[name]} for name in ("members", "invitations")
        )

    return read


@pytest.fixture(params=[True, False], ids=["has account", "has none"])
def guest_has_account(request, make_account):
    if request.param:
        make_account(GUEST.lower())
    return request.param


def test_an_invitation_is_answered_in_the_same_way_whether_or_not_there_is_an_account(
    invite, guest_has_account
):
    answer = invite()

    body = answer.get_json()
    assert answer.status_code == 201
    assert re.fullmatch("pio_invite_[0-9a-f]{40}", body.pop("invitation"))
    assert body == {
        "id": 1,
        "email": GUEST,
        "role": "member",
        "created_at": "2026-05-07T17:25:00Z",
        "expires_at": "2026-05-21T17:25:00Z",
    }


def test_until_the_guest_comes_nothing_shows_whether_there_is_an_account(
    call, invite, team, guest_has_account
):
    invite()

    assert team() == ({"owner@example.com": "owner"}, {GUEST: "member"})
    # Account ids can be guessed.
    for account_id in (2, 3):
        path = f"/members/{account_id}"
        assert call("PATCH", path, {"role": "viewer"}).status_code == 404
        assert call("DELETE", path).status_code == 404
    entry = call("GET", "/audit").get_json()["audit"][0]
    assert (entry["action"], entry["target_id"]) == ("member.invited", 1)
    assert invite(role="viewer").status_code == 201  # once more, and still no difference
    assert team() == ({"owner@example.com": "owner"}, {GUEST: "viewer"})


def test_an_address_alone_lets_nobody_in(call, invite, bearer, make_account, guest_has_account):
    """Whoever registered it first may not be the person who was meant."""
    invite()
    as_guest = bearer(GUEST if guest_has_account else make_account(GUEST.lower()).email)

    assert call("GET", headers=as_guest).status_code == 404
    assert call("GET", "/feedback", headers=as_guest).status_code == 404


def test_a_guest_joins_with_the_token(
    call, client, invite, accept, team, bearer, make_account, guest_has_account, project, clock
):
    token = invite(role="viewer").get_json()["invitation"]
    as_guest = bearer(GUEST if guest_has_account else make_account(GUEST.lower()).email)
    clock.advance(hours=1)

    answer = accept(token, as_guest)

    assert answer.status_code == 200
    assert answer.get_json() == {"project_id": project.id, "role": "viewer"}
    assert call("GET", headers=as_guest).status_code == 200
    assert team() == ({"owner@example.com": "owner", GUEST.lower(): "viewer"}, {})
    joined = call("GET", "/members").get_json()["members"][1]
    assert joined["created_at"] == "2026-05-07T18:25:00Z"


@pytest.mark.parametrize(
    ("days", "hours", "status"), [(13, 23, 200), (14, 0, 404)], ids=["in time", "too late"]
)
def test_an_invitation_is_good_for_14_days(
    invite, accept, make_account, bearer, clock, days, hours, status
):
    token = invite().get_json()["invitation"]
    as_guest = bearer(make_account(GUEST.lower()).email)
    clock.advance(days=days, hours=hours)

    assert accept(token, as_guest).status_code == status


def test_a_token_works_once(call, invite, accept, make_account, bearer):
    account = make_account(GUEST.lower())
    as_guest = bearer(account.email)
    token = invite().get_json()["invitation"]
    accept(token, as_guest)
    call("DELETE", f"/members/{account.id}")

    assert accept(token, as_guest).status_code == 404
    assert call("GET", headers=as_guest).status_code == 404


def test_a_token_is_of_no_use_to_another_address(call, invite, accept, make_account, bearer):
    token = invite().get_json()["invitation"]
    as_thief = bearer(make_account("thief@example.com").email)

    stolen, unknown = accept(token, as_thief), accept("pio_invite_" + "0" * 40, as_thief)

    assert stolen.status_code == unknown.status_code == 404
    assert stolen.data == unknown.data
    assert call("GET", headers=as_thief).status_code == 404


def test_inviting_again_replaces_the_token_and_the_role(invite, accept, make_account, bearer):
    first = invite(role="viewer").get_json()
    second = invite(email=GUEST.upper(), role="member").get_json()
    as_guest = bearer(make_account(GUEST.lower()).email)

    assert first["id"] == second["id"]
    assert accept(first["invitation"], as_guest).status_code == 404
    assert accept(second["invitation"], as_guest).get_json()["role"] == "member"


def test_a_withdrawn_invitation_lets_nobody_in(
    call, invite, accept, team, make_account, bearer, guest_has_account
):
    invited = invite().get_json()

    assert call("DELETE", f"/invitations/{invited['id']}").get_json() == {"deleted": True}

    as_guest = bearer(GUEST if guest_has_account else make_account(GUEST.lower()).email)
    assert accept(invited["invitation"], as_guest).status_code == 404
    assert call("GET", headers=as_guest).status_code == 404
    assert team() == ({"owner@example.com": "owner"}, {})
    assert call("DELETE", f"/invitations/{invited['id']}").status_code == 404


def test_an_invitation_to_another_project_is_not_found(
    call, client, invite, make_project, make_account, bearer
):
    other = make_project("Other", owner_id=make_account("else@example.com").id)
    invited = invite().get_json()

    path = f"/invitations/{invited['id']}"
    as_else = bearer("else@example.com")
    assert call("DELETE", path, project_id=other.id, headers=as_else).status_code == 404


def test_an_invitation_to_a_deleted_project_leads_nowhere(
    call, invite, accept, make_account, bearer, app
):
    app.extensions["background_purge"].stop()
    token = invite().get_json()["invitation"]
    call("DELETE", "", {"confirm": "My app"})

    assert accept(token, bearer(make_account(GUEST.lower()).email)).status_code == 404


def test_invitations_are_in_no_table_as_they_are(invite, database_bytes):
    token = invite().get_json()["invitation"]

    assert token.encode() not in database_bytes()


@pytest.mark.parametrize("email", ["owner@example.com", "Member@Example.com"])
def test_who_is_in_the_project_already_cannot_be_invited(invite, make_member, email):
    make_member("member@example.com")

    answer = invite(email=email)

    assert answer.status_code == 422
    assert answer.get_json()["errors"].keys() == {"email"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "member"}, "email"),
        ({"email": "no address", "role": "member"}, "email"),
        ({"email": GUEST}, "role"),
        ({"email": GUEST, "role": "owner"}, "role"),
        ({"email": GUEST, "role": 1}, "role"),
    ],
)
def test_an_improper_invitation_is_refused(call, team, body, field):
    answer = call("POST", "/members", body)

    assert answer.status_code == 422
    assert answer.get_json()["errors"].keys() == {field}
    assert team()[1] == {}


def test_a_changed_role_counts_from_the_next_request_on(call, make_member, make_feedback, bearer):
    member = make_member(role="viewer")
    as_member = bearer(member.email)
    path, body = f"/feedback/{make_feedback()}", {"status": "handled"}
    assert call("PATCH", path, body, headers=as_member).status_code == 403

    answer = call("PATCH", f"/members/{member.id}", {"role": "member"})

    assert answer.get_json() == {
        "member": {
            "id": member.id,
            "email": member.email,
            "name": None,
            "role": "member",
            "created_at": "2026-05-07T17:25:00Z",
        }
    }
    assert call("PATCH", path, body, headers=as_member).status_code == 200


def test_a_removed_member_finds_no_project_any_more(call, make_member, bearer):
    member = make_member()
    as_member = bearer(member.email)

    assert call("DELETE", f"/members/{member.id}").get_json() == {"deleted": True}

    assert call("GET", headers=as_member).status_code == 404
    assert call("DELETE", f"/members/{member.id}").status_code == 404


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_members_may_remove_themselves_and_nobody_else(call, make_member, bearer, role):
    leaving, staying = make_member("leaving@example.com", role), make_member("stays@example.com")
    headers = bearer(leaving.email)

    assert call("DELETE", f"/members/{staying.id}", headers=headers).status_code == 403
    assert call("DELETE", f"/members/{leaving.id}", headers=headers).status_code == 200
    assert call("GET", headers=headers).status_code == 404


def test_the_owner_can_be_neither_removed_nor_made_less(call, owner):
    path = f"/members/{owner.id}"

    assert call("DELETE", path).status_code == 422
    assert call("PATCH", path, {"role": "viewer"}).status_code == 422
    assert call("GET").status_code == 200


def test_a_member_of_one_project_is_a_stranger_in_another(call, make_member, make_project, bearer):
    as_member = bearer(make_member().email)

    assert call("GET", project_id=make_project("Other").id, headers=as_member).status_code == 404


def test_no_log_line_holds_an_address_or_a_token(invite, accept, make_account, bearer, log_lines):
    token = invite().get_json()["invitation"]
    accept(token, bearer(make_account(GUEST.lower()).email))

    assert log_lines
    assert not [line for line in log_lines if token in line or "example.com" in line]
