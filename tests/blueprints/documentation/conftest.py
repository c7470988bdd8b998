"""A furnished instance: whatever an address, a password or a code can name is there."""

from dataclasses import dataclass, replace

import pyotp
import pytest

from app.domain.roles import Role
from app.services import accounts, issues
from app.services.accounts import logins, two_factor
from app.services.projects import invitations
from app.services.projects import tokens as project_tokens

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Furniture:
    """What made-up requests must name to get anywhere."""

    path: dict[str, int | str]
    query: dict[str, str]
    # By schema and field of a body.
    body: dict[tuple[str, str], str | list[int]]
    headers: dict[str, str]


@pytest.fixture
def settings(settings):
    return replace(settings, registration="open")


@pytest.fixture
def make_person(app, clock):
    """An account with a real password."""

    def make(email):
        with app.app_context():
            return accounts.create(email, password=PASSWORD, name=None, now=clock())

    return make


@pytest.fixture
def owner(make_person):
    return make_person("owner@example.com")


@pytest.fixture
def invited(app, clock, owner, make_account, make_project):
    """The token of an invitation to somebody else's project."""
    theirs = make_project("Not yours", owner_id=make_account("stranger@example.com").id)
    with app.app_context():
        return invitations.invite(
            theirs.id, email=owner.email, role=Role.VIEWER, actor=None, now=clock()
        ).token


@pytest.fixture
def enrolled_code(app, clock, owner):
    """The code that turns the owner's two-factor on; so far it is off."""
    with app.app_context():
        secret = two_factor.enrol(owner.id, password=PASSWORD).secret
    return pyotp.TOTP(secret).at(clock())


@pytest.fixture
def second_step(app, clock, make_person):
    """A login of somebody else that waits for its second factor: the token, a recovery code."""
    guarded = make_person("guarded@example.com")
    with app.app_context():
        enrolment = two_factor.enrol(guarded.id, password=PASSWORD)
        code = pyotp.TOTP(enrolment.secret).at(clock())
        two_factor.confirm(guarded.id, code=code, now=clock())
        waiting = logins.log_in(guarded.email, password=PASSWORD, client="web", now=clock())
    return waiting.totp_token, enrolment.recovery_codes[0]


@pytest.fixture
def new_furniture(
    app,
    client,
    clock,
    owner,
    project,
    as_owner,
    make_member,
    make_feedback,
    make_event,
    invited,
    enrolled_code,
    second_step,
):
    token = {"X-Pionne-Token": project.token}
    session = {"session_id": "123e4567-e89b-12d3-a456-426614174000", "status": "crashed"}
    client.post("/sessions", json={**session, "release": "1.4.2"}, headers=token)
    event, merged, another = make_event(), make_event(), make_event()
    with app.app_context():
        issues.merge(project.id, event.issue_id, [merged.issue_id], actor=None, now=clock())
        awaited = invitations.invite(
            project.id, email="awaited@example.com", role=Role.MEMBER, actor=None, now=clock()
        )
        spare = project_tokens.add(project.id, "spare", actor=None, now=clock())
        other_token = accounts.issue_token(owner.email, client="other", now=clock())
    path = {
        "project": project.id,
        "member": make_member().id,
        "invitation": awaited.row.id,
        "feedback_id": make_feedback(event_id=event.id),
        "issue": event.issue_id,
        "event_id": event.id,
        "token": spare.id,
        "token_id": int(other_token.token.partition("|")[0]),
        "release": "1.4.2",
    }
    totp_token, recovery_code = second_step
    body = {
        ("Password", "password"): PASSWORD,
        ("PasswordChange", "current_password"): PASSWORD,
        ("Credentials", "email"): owner.email,
        ("Credentials", "password"): PASSWORD,
        ("Confirmation", "confirm"): "My app",
        ("Acceptance", "invitation"): invited,
        ("Code", "code"): enrolled_code,
        ("SecondFactor", "totp_token"): totp_token,
        ("SecondFactor", "recovery_code"): recovery_code,
        ("SecondFactor", "code"): "",
        ("IssueIds", "ids"): [another.issue_id],
        ("TakenOutIds", "ids"): [merged.issue_id],
    }
    query = {"name": "1.4.2"}
    return Furniture(path=path, query=query, body=body, headers={**as_owner, **token})
