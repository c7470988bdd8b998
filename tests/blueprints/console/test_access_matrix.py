"""Who gets which answer from which page: every page of the console, times every role.

The pages come from the app itself. One that is added and not listed below fails here, for every
role, until somebody decides who may use it.
"""

import pytest

from app import create_app
from app.config import read_settings
from app.domain.roles import Role
from app.services.accounts import api_tokens
from app.services.projects import invitations
from app.services.projects import tokens as project_tokens

CALLERS = ("owner", "member", "viewer", "stranger", "nobody")

# Status by caller, in that order. 302 is where a form leads that was taken, or the login page.
OPEN = (200, 200, 200, 200, 200)
ANYBODY = (200, 200, 200, 200, 302)
READ = (200, 200, 200, 404, 302)
OWNER = (200, 403, 403, 404, 302)
OWNERS_FORM = (302, 403, 403, 404, 302)
MEMBERS_FORM = (302, 302, 403, 404, 302)
LEADS_ON = (302, 302, 302, 302, 302)
MOVED = (308, 308, 308, 308, 302)

MATRIX = {
    "GET /": LEADS_ON,
    "GET /assets/<version>/<name>": OPEN,
    "GET /register": OPEN,
    "POST /register": (422, 422, 422, 422, 422),
    "GET /login": (302, 302, 302, 302, 200),
    "POST /login": (302, 302, 302, 302, 422),
    "GET /login/code": LEADS_ON,
    "POST /login/code": LEADS_ON,
    "POST /logout": LEADS_ON,
    "GET /join": OPEN,
    "POST /join": (422, 422, 422, 422, 302),
    "GET /account": ANYBODY,
    "GET /account/password": ANYBODY,
    "POST /account/password": (422, 422, 422, 422, 302),
    "GET /account/two-factor": ANYBODY,
    "POST /account/two-factor": (422, 422, 422, 422, 302),
    "GET /account/two-factor/confirm": ANYBODY,
    "POST /account/two-factor/confirm": (422, 422, 422, 422, 302),
    "POST /account/two-factor/off": (422, 422, 422, 422, 302),
    # The client in the path is the owner's.
    "POST /account/clients/<client>/revoke": (302, 404, 404, 404, 302),
    "POST /account/clients/revoke": LEADS_ON,
    "POST /account/tokens": ANYBODY,
    # The token in the path is the owner's.
    "POST /account/tokens/<api_token>/revoke": (302, 404, 404, 404, 302),
    "GET /account/delete": ANYBODY,
    "POST /account/delete": (422, 422, 422, 422, 302),
    "GET /projects": ANYBODY,
    "GET /projects/new": ANYBODY,
    "POST /projects/new": (201, 201, 201, 201, 302),
    "GET /projects/<project>": (302, 302, 302, 404, 302),
    "GET /projects/<project>/start": READ,
    "GET /projects/<project>/start/arrived": READ,
    "GET /projects/<project>/inbox": READ,
    "GET /projects/<project>/inbox/arrivals": READ,
    "POST /projects/<project>/inbox": MEMBERS_FORM,
    "POST /projects/<project>/inbox/undo": MEMBERS_FORM,
    "GET /projects/<project>/feedback/<feedback>": READ,
    "GET /projects/<project>/releases": READ,
    # The release is in the query; without one that has sessions the page says so, as 404.
    "GET /projects/<project>/release": (404, 404, 404, 404, 302),
    "GET /projects/<project>/release/slices.csv": READ,
    "GET /projects/<project>/release/crashes": READ,
    "GET /projects/<project>/releases/environments": READ,
    "GET /projects/<project>/releases/others": READ,
    "GET /projects/<project>/inbox/versions": READ,
    "GET /projects/<project>/issues": READ,
    "GET /projects/<project>/issues/<issue>": READ,
    "POST /projects/<project>/issues/<issue>/status/<status>": MEMBERS_FORM,
    "GET /projects/<project>/issues/<issue>/delete": (200, 200, 403, 404, 302),
    "POST /projects/<project>/issues/<issue>/delete": MEMBERS_FORM,
    # With nothing selected it leads back to the list.
    "GET /projects/<project>/issues/merge": MEMBERS_FORM,
    "POST /projects/<project>/issues/merge": MEMBERS_FORM,
    "POST /projects/<project>/issues/<issue>/take-apart": MEMBERS_FORM,
    "GET /projects/<project>/settings": READ,
    "POST /projects/<project>/settings": OWNERS_FORM,
    "GET /projects/<project>/members": READ,
    "POST /projects/<project>/members": (201, 403, 403, 404, 302),
    "POST /projects/<project>/members/<member>/role": OWNERS_FORM,
    "GET /projects/<project>/members/<member>/remove": OWNER,
    "POST /projects/<project>/members/<member>/remove": OWNERS_FORM,
    "GET /projects/<project>/people": MOVED,
    "POST /projects/<project>/people": MOVED,
    "GET /projects/<project>/people/<path:rest>": MOVED,
    "POST /projects/<project>/people/<path:rest>": MOVED,
    "POST /projects/<project>/invitations/<invitation>/withdraw": OWNERS_FORM,
    "GET /projects/<project>/person": OWNER,
    "POST /projects/<project>/person": OWNER,
    "POST /projects/<project>/person/export": OWNER,
    "POST /projects/<project>/person/erase": OWNERS_FORM,
    "POST /projects/<project>/settings/release": OWNERS_FORM,
    "POST /projects/<project>/settings/thresholds": OWNERS_FORM,
    "GET /projects/<project>/tokens": READ,
    "POST /projects/<project>/tokens": OWNER,
    "GET /projects/<project>/tokens/replace": OWNER,
    "GET /projects/<project>/dsn/replace": OWNER,
    "POST /projects/<project>/dsn/replace": OWNERS_FORM,
    "POST /projects/<project>/tokens/replace": OWNER,
    "GET /projects/<project>/tokens/<token>/revoke": OWNER,
    "POST /projects/<project>/tokens/<token>/revoke": OWNERS_FORM,
    "GET /projects/<project>/audit": READ,
    "GET /projects/<project>/delete": OWNER,
    "POST /projects/<project>/delete": OWNERS_FORM,
}

FIELDS = {
    "POST /account/tokens": {"name": "Nightly report", "expires_in_days": "7", "read_only": "y"},
    "POST /projects/new": {"name": "Another app"},
    "POST /projects/<project>/tokens": {"label": "Web"},
    "POST /projects/<project>/settings/release": {"release": "1.4.3"},
    "POST /projects/<project>/settings/thresholds": {
        "sessions_good_from": "99",
        "sessions_warning_from": "95",
        "sessions_minimum": "0",
        "users_good_from": "99",
        "users_warning_from": "95",
        "users_minimum": "0",
    },
    "POST /projects/<project>/settings": {"name": "My shop"},
    "POST /projects/<project>/members": {"email": "new@example.com", "role": "viewer"},
    "POST /projects/<project>/members/<member>/role": {"role": "viewer"},
    "POST /projects/<project>/person": {"email": "bob@example.com"},
    "POST /projects/<project>/person/export": {"email": "bob@example.com"},
    "POST /projects/<project>/person/erase": {"email": "bob@example.com"},
    "POST /projects/<project>/delete": {"confirm": "My app"},
    "POST /projects/<project>/inbox": {"do": "handled", "feedback": "1"},
    "POST /projects/<project>/inbox/undo": {"first": "1", "last": "1"},
    "POST /projects/<project>/issues/merge": {"keep": "1", "issue": "1"},
}


def pages() -> list[str]:
    """The pages that the app has, and those that are listed."""
    of_app = {
        f"{method} {rule.rule}"
        for rule in create_app(read_settings({})).url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("console.")
    }
    return sorted(of_app | MATRIX.keys())


@pytest.fixture
def world(
    app,
    clock,
    alice,
    project,
    owner,
    make_member,
    make_account,
    make_feedback,
    make_event,
    bearer,
    database_rows,
    session_token_of,
):
    """What the paths name, and the token in each caller's cookie."""
    bearer(owner.email)
    [[client_id]] = database_rows("SELECT max(id) FROM user_tokens")
    with app.app_context():
        invitation = invitations.invite(
            project.id, email="awaited@example.com", role=Role.MEMBER, actor=None, now=clock()
        )
        token = project_tokens.add(project.id, "iOS", actor=None, now=clock())
        api_token = api_tokens.make(
            owner.id, "Report", expires_in_days=None, read_only=False, now=clock()
        )
    objects = {
        "<token>": token.id,
        "<api_token>": api_token.id,
        "<project>": project.id,
        "<member>": make_member("another.member@example.com").id,
        "<path:rest>": "1/remove",
        "<invitation>": invitation.row.id,
        "<client>": client_id,
        "<feedback>": make_feedback(),
        "<issue>": make_event().issue_id,
        "<status>": "resolved",
        "<version>": "old",
        "<name>": "console.css",
    }
    callers = {
        "owner": owner,
        "member": make_member(),
        "viewer": make_member("viewer@example.com", "viewer"),
        "stranger": make_account("stranger@example.com"),
    }
    return objects, {name: session_token_of(account) for name, account in callers.items()}


@pytest.fixture
def browser_as(new_browser):
    def browser(session_token):
        made = new_browser()
        if session_token:
            made.log_in_past_the_page(session_token)
        return made

    return browser


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("route", pages())
def test_each_role_gets_what_the_matrix_says_from_each_page(furnished, browser_as, route, caller):
    assert route in MATRIX, f"{route} is not listed: decide which role may use it"
    objects, session_tokens = furnished("world")
    method, path = route.split()
    for name, value in objects.items():
        path = path.replace(name, str(value))
    browser = browser_as(session_tokens.get(caller))

    if method == "GET":
        answer = browser.get(path)
    else:
        browser.get("/login" if caller == "nobody" else "/account")
        answer = browser.send(path, **FIELDS.get(route, {}))

    assert answer.status_code == MATRIX[route][CALLERS.index(caller)], browser.text
    if caller == "nobody" and answer.status_code == 302 and not path.startswith("/login"):
        assert answer.location.startswith("/login")
