"""Who gets which answer from which route: every route of the read side, times every role.

The routes come from the app itself. One that is added and not listed below fails here, for every
role, until somebody decides who may use it.
"""

import pytest

from app import create_app
from app.config import read_settings
from app.services.projects import tokens as project_tokens

CALLERS = ("owner", "member", "viewer", "stranger", "nobody")

# Status by caller, in that order.
ANYBODY = (200, 200, 200, 200, 401)
READ = (200, 200, 200, 404, 401)
TRIAGE = (200, 200, 403, 404, 401)
OWNER = (200, 403, 403, 404, 401)

MATRIX = {
    "GET /api/projects": ANYBODY,
    "POST /api/projects": (201, 201, 201, 201, 401),
    "GET /api/projects/<project>": READ,
    "PATCH /api/projects/<project>": OWNER,
    "DELETE /api/projects/<project>": OWNER,
    "POST /api/projects/<project>/regenerate": OWNER,
    "POST /api/projects/<project>/rotate-key": OWNER,
    "GET /api/projects/<project>/tokens": OWNER,
    "POST /api/projects/<project>/tokens": (201, 403, 403, 404, 401),
    "DELETE /api/projects/<project>/tokens/<token>": OWNER,
    "POST /api/projects/<project>/releases": (201, 403, 403, 404, 401),
    "GET /api/projects/<project>/members": READ,
    "POST /api/projects/<project>/members": (201, 403, 403, 404, 401),
    "PATCH /api/projects/<project>/members/<member>": OWNER,
    "DELETE /api/projects/<project>/members/<member>": OWNER,
    "DELETE /api/projects/<project>/invitations/<invitation>": OWNER,
    # Everybody may try; the tests of invitations tell for whom it works.
    "POST /api/invitations/accept": (404, 404, 404, 404, 401),
    "GET /api/projects/<project>/audit": READ,
    "GET /api/projects/<project>/losses": READ,
    "POST /api/projects/<project>/people/export": OWNER,
    "POST /api/projects/<project>/people/erase": OWNER,
    "GET /api/projects/<project>/feedback": READ,
    "PATCH /api/projects/<project>/feedback/<feedback_id>": TRIAGE,
    "DELETE /api/projects/<project>/feedback/<feedback_id>": TRIAGE,
    "GET /api/projects/<project>/issues": READ,
    "GET /api/projects/<project>/issues/<issue>": READ,
    "PATCH /api/projects/<project>/issues/<issue>": TRIAGE,
    "DELETE /api/projects/<project>/issues/<issue>": TRIAGE,
    "POST /api/projects/<project>/issues/<issue>/merge": TRIAGE,
    "POST /api/projects/<project>/issues/<issue>/take-apart": TRIAGE,
    "GET /api/projects/<project>/release-health": READ,
    "GET /api/projects/<project>/release-health.csv": READ,
    "GET /api/projects/<project>/release-health/<path:release>": READ,
    "GET /api/projects/<project>/release-health/<path:release>/verdict": READ,
    "GET /api/projects/<project>/release-health/<path:release>/verdict/": READ,
    "GET /api/projects/<project>/release-health/<path:release>/verdict.svg": READ,
    "GET /api/projects/<project>/release": READ,
    "GET /api/projects/<project>/release/crashes": READ,
    "GET /api/projects/<project>/release/verdict": READ,
    "GET /api/projects/<project>/release/verdict.svg": READ,
}

BODIES = {
    "POST /api/projects": {"name": "Another app"},
    "PATCH /api/projects/<project>": {"platform": "web"},
    "DELETE /api/projects/<project>": {"confirm": "My app"},
    "POST /api/projects/<project>/tokens": {"label": "Web"},
    "POST /api/projects/<project>/releases": {"release": "1.4.3"},
    "POST /api/projects/<project>/members": {"email": "new@example.com", "role": "viewer"},
    "PATCH /api/projects/<project>/members/<member>": {"role": "viewer"},
    "POST /api/invitations/accept": {"invitation": "pio_invite_unknown"},
    "POST /api/projects/<project>/people/export": {"email": "alice@example.com"},
    "POST /api/projects/<project>/people/erase": {"email": "alice@example.com"},
    "PATCH /api/projects/<project>/feedback/<feedback_id>": {"status": "handled"},
    "PATCH /api/projects/<project>/issues/<issue>": {"status": "resolved"},
    "POST /api/projects/<project>/issues/<issue>/merge": {"ids": [2]},
    "POST /api/projects/<project>/issues/<issue>/take-apart": {},
}


def routes() -> list[str]:
    """The routes that the app has, and those that are listed."""
    rules = create_app(read_settings({})).url_map.iter_rules()
    of_app = {
        f"{method} {rule.rule}"
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("dashboard.") or rule.rule.startswith("/api/projects")
    }
    return sorted(of_app | MATRIX.keys())


@pytest.fixture
def world(
    app,
    clock,
    project,
    make_member,
    make_feedback,
    make_event,
    invite_somebody,
    post_session,
    headers_of,
):
    """What the paths name, in the project of the matrix, and each caller's headers."""
    post_session(release="1.0")
    event = make_event()
    make_event()  # another one to merge
    with app.app_context():
        token = project_tokens.add(project.id, "iOS", actor=None, now=clock())
    objects = {
        "<project>": project.id,
        "<token>": token.id,
        "<member>": make_member("another.member@example.com").id,
        "<invitation>": invite_somebody(),
        "<feedback_id>": make_feedback(),
        "<issue>": event.issue_id,
        "<path:release>": "1.0",
    }
    return objects, {caller: headers_of(caller) for caller in CALLERS}


@pytest.fixture
def invite_somebody(call):
    def invite() -> int:
        body = {"email": "awaited@example.com", "role": "member"}
        return call("POST", "/members", body).get_json()["id"]

    return invite


@pytest.fixture
def post_session(client, project):
    def post(*, release: str) -> None:
        session = {"session_id": "123e4567-e89b-12d3-a456-426614174000", "status": "ok"}
        client.post(
            "/sessions",
            json={**session, "release": release},
            headers={"X-Pionne-Token": project.token},
        )

    return post


@pytest.fixture
def headers_of(bearer, as_owner, make_member, make_account):
    def headers(caller: str) -> dict[str, str]:
        if caller == "nobody":
            return {}
        if caller == "owner":
            return as_owner
        email = f"{caller}@example.com"
        make_account(email) if caller == "stranger" else make_member(email, caller)
        return bearer(email)

    return headers


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("route", routes())
def test_each_role_gets_what_the_matrix_says_from_each_route(furnished, client, route, caller):
    assert route in MATRIX, f"{route} is not listed: decide which role may use it"
    objects, headers = furnished("world")
    method, path = route.split()
    for name, value in objects.items():
        path = path.replace(name, str(value))
    query = {"against": "0.9"} if "/verdict" in path else {}
    if "/release/" in f"{path}/":
        query |= {"name": "1.0"}

    answer = client.open(
        path,
        method=method,
        json=BODIES.get(route),
        query_string=query,
        headers=headers[caller],
    )

    assert answer.status_code == MATRIX[route][CALLERS.index(caller)], answer.get_json()
