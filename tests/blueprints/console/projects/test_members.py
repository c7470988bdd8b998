"""Inviting, joining, roles, removing, leaving: the members of a project."""

import re

import pytest

from tests.blueprints.console.conftest import PASSWORD


@pytest.fixture
def members(project):
    return f"/projects/{project.id}/members"


@pytest.fixture
def invite(as_owner_of_project, members):
    """Returns the address that the owner sends along."""

    def send(email="jo@example.com", role="member"):
        assert as_owner_of_project.fill(members, email=email, role=role).status_code == 201
        return re.search(r"http://localhost/join#(pio_invite_\w+)", as_owner_of_project.page)[1]

    return send


def test_invitation_stays_behind_the_hash_of_an_address(invite, as_owner_of_project, members):
    token = invite()
    assert token not in as_owner_of_project.get(members).get_data(as_text=True)
    assert "jo@example.com as member just now Withdraw" in as_owner_of_project.text


def test_invited_person_registers_and_starts_in_the_inbox(invite, new_browser, project):
    token = invite()
    jo = new_browser()
    jo.get("/join")
    assert "Create an account" in jo.text
    jo.fill("/register", email="jo@example.com", password=PASSWORD, invitation=token)
    assert jo.get("/").location == f"/projects/{project.id}/inbox"


def test_invited_person_with_an_account_joins(invite, make_account, browser_of, project):
    jo = browser_of(make_account("jo@example.com"))
    token = invite()
    assert jo.get(f"/projects/{project.id}/inbox").status_code == 404
    assert jo.fill("/join", invitation=token).location == f"/projects/{project.id}/inbox"
    jo.get(f"/projects/{project.id}/inbox")
    assert "You have joined, as member." in jo.text


def test_invitation_of_somebody_else_is_refused(invite, make_account, browser_of):
    kim = browser_of(make_account("kim@example.com"))
    assert kim.fill("/join", invitation=invite()).status_code == 404
    assert "There is no such invitation for your address" in kim.text


def test_withdrawn_invitation_is_dead(
    invite, as_owner_of_project, members, make_account, browser_of, project
):
    token = invite()
    as_owner_of_project.get(members)
    withdraw = re.search(r'action="([^"]+/withdraw)"', as_owner_of_project.page)[1]
    assert as_owner_of_project.send(withdraw).location == members
    jo = browser_of(make_account("jo@example.com"))
    assert jo.fill("/join", invitation=token).status_code == 404


@pytest.mark.parametrize(
    ("email", "complaint"),
    [
        ("nobody", "This is not a valid e-mail address."),
        ("", "This is needed."),
        ("owner@example.com", "belongs to somebody who is in the project already"),
    ],
)
def test_address_that_cannot_be_invited_is_told(as_owner_of_project, members, email, complaint):
    answer = as_owner_of_project.fill(members, email=email, role="member")
    assert answer.status_code == 422
    assert complaint in as_owner_of_project.text


def test_role_is_one_of_two(as_owner_of_project, members, make_member):
    jo = make_member("jo@example.com")
    answer = as_owner_of_project.fill(members, email="kim@example.com", role="owner")
    assert answer.status_code == 422
    assert as_owner_of_project.send(f"{members}/{jo.id}/role", role="owner").status_code == 404


def test_owner_changes_roles_and_removes(as_owner_of_project, members, make_member, browser_of):
    jo = make_member("jo@example.com")
    as_owner_of_project.get(members)
    assert as_owner_of_project.send(f"{members}/{jo.id}/role", role="viewer").location == members
    as_owner_of_project.get(members)
    assert "jo@example.com is now a viewer." in as_owner_of_project.text

    as_owner_of_project.get(f"{members}/{jo.id}/remove")
    assert "Remove jo@example.com?" in as_owner_of_project.text
    assert as_owner_of_project.send(f"{members}/{jo.id}/remove").location == members
    assert browser_of(jo).get(members).status_code == 404


def test_member_leaves(members, make_member, browser_of, project):
    jo = make_member("jo@example.com", "viewer")
    browser = browser_of(jo)
    browser.get(members)
    assert "Leave…" in browser.text
    assert "Remove…" not in browser.text
    browser.get(f"{members}/{jo.id}/remove")
    assert "Leave My app?" in browser.text
    assert browser.send(f"{members}/{jo.id}/remove").location == "/projects"
    assert browser.get(members).status_code == 404


def test_owner_can_neither_leave_nor_be_removed(as_owner_of_project, members, owner):
    assert as_owner_of_project.get(f"{members}/{owner.id}/remove").status_code == 404
    as_owner_of_project.get(members)
    assert as_owner_of_project.send(f"{members}/{owner.id}/remove").status_code == 422
    assert "The owner stays the owner" in as_owner_of_project.text


def test_viewer_reads_who_is_there_and_is_offered_nothing_else(members, make_member, browser_of):
    browser = browser_of(make_member("jo@example.com", "viewer"))
    browser.get(members)
    assert "owner@example.com owner" in browser.text
    assert "Invite somebody" not in browser.text
    assert "Change" not in browser.text


@pytest.mark.parametrize("method", ["get", "send"])
@pytest.mark.parametrize("below", ["", "/3/remove", "/3/role", "/a%20b%2Fc%3F"])
def test_address_from_when_members_were_called_people_leads_on(
    as_owner_of_project, members, project, below, method
):
    as_owner_of_project.get(members)
    answer = getattr(as_owner_of_project, method)(f"/projects/{project.id}/people{below}")
    assert answer.status_code == 308
    assert answer.location == members + below.replace("%2F", "/")


def test_form_that_was_open_since_then_does_what_it_says(
    as_owner_of_project, members, make_member, project
):
    jo = make_member("jo@example.com", "member")
    as_owner_of_project.get(members)
    form = {"role": "viewer"}
    moved = as_owner_of_project.send(f"/projects/{project.id}/people/{jo.id}/role", **form)
    as_owner_of_project.send(moved.location, **form)
    as_owner_of_project.get(members)
    assert "jo@example.com is now a viewer." in as_owner_of_project.text
