"""Tokens for scripts over the API: made once, and how far each kind reaches."""

import pytest

from app import create_app
from app.config import read_settings
from tests.blueprints.accounts.conftest import EMAIL, PASSWORD

OPEN = {"POST /api/auth/register", "POST /api/auth/login", "POST /api/auth/login/totp"}
# What an API token that may write gets from each route; read-only ones get 403 from all but GET.
ACCOUNT_ROUTES = {
    "GET /api/auth/me": 200,
    "GET /api/auth/totp": 200,
    "GET /api/auth/tokens": 200,
    "POST /api/auth/tokens": 403,
    "DELETE /api/auth/tokens": 204,
    "DELETE /api/auth/tokens/<token_id>": 404,
    "POST /api/auth/logout": 204,
    "POST /api/auth/password": 403,
    "POST /api/auth/totp": 403,
    "POST /api/auth/totp/confirm": 403,
    "DELETE /api/auth/totp": 403,
    "DELETE /api/auth/account": 403,
}
BODY = {"password": PASSWORD, "current_password": PASSWORD, "code": "123456", "name": "Another"}


def routes(*blueprints):
    """Of an app, each as `METHOD /path`."""
    return {
        f"{method} {rule.rule}"
        for rule in create_app(read_settings({})).url_map.iter_rules()
        for method in (rule.methods or set()) - {"OPTIONS"}
        if rule.endpoint.partition(".")[0] in blueprints
    }


def methods_that_write():
    return sorted(
        route
        for route in routes("accounts", "dashboard") - OPEN
        if not route.startswith(("GET", "HEAD"))
    )


@pytest.fixture
def make_token(client, as_alice):
    def make(**body):
        return client.post("/api/auth/tokens", json={"name": "Report", **body}, headers=as_alice)

    return make


@pytest.fixture
def bearing(make_token):
    def headers(**body):
        return {"Authorization": f"Bearer {make_token(**body).get_json()['token']['token']}"}

    return headers


def test_a_new_one_is_answered_once_under_its_own_name(client, make_token, as_alice):
    answer = make_token(expires_in_days=7, read_only=True)

    assert answer.status_code == 201
    made = answer.get_json()["token"]
    row = {
        "id": 2,
        "name": "Report",
        "kind": "api",
        "created_at": "2026-05-07T17:25:00Z",
        "expires_at": "2026-05-14T17:25:00Z",
        "read_only": True,
    }
    assert made == {**row, "token": made["token"]}
    assert made["token"].startswith("2|")
    listed = client.get("/api/auth/tokens", headers=as_alice).get_json()["tokens"]
    assert listed[1] == {**row, "current": False}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": None}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"name": "me@example.com"}, "name"),
        ({"name": 7}, "name"),
        ({"expires_in_days": 0}, "expires_in_days"),
        ({"expires_in_days": 10**9}, "expires_in_days"),
        ({"expires_in_days": "7"}, "expires_in_days"),
        ({"expires_in_days": 1.5}, "expires_in_days"),
        ({"read_only": "yes"}, "read_only"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(make_token, body, field):
    answer = make_token(**body)

    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]


@pytest.mark.parametrize("days", [-1, 0, 3651, 1.5, "7", True, [7]])
def test_what_is_no_number_of_days_is_told_which_are(make_token, days):
    assert "from 1 to 3650" in make_token(expires_in_days=days).get_json()["message"]


def test_a_null_in_an_optional_field_is_absent(make_token):
    made = make_token(expires_in_days=None, read_only=None).get_json()["token"]

    assert (made["expires_at"], made["read_only"]) == (None, False)


def test_a_login_of_its_name_leaves_it_alone(client, bearing, log_in):
    script = bearing(name="mobile")
    assert log_in(named="mobile").status_code == 200

    assert client.get("/api/auth/me", headers=script).get_json()["email"] == EMAIL


def test_it_is_good_until_its_end_and_then_says_that_it_expired(client, bearing, clock):
    script = bearing(expires_in_days=7)
    clock.advance(days=7, seconds=-1)
    assert client.get("/api/auth/me", headers=script).status_code == 200
    clock.advance(seconds=1)

    for path in ("/api/auth/me", "/api/projects"):
        answer = client.get(path, headers=script)
        assert answer.status_code == 401
        assert answer.get_json() == {"message": "This API token expired at 2026-05-14T17:25:00Z."}
        assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")


def test_whoever_has_not_the_secret_does_not_learn_that_it_expired(client, bearing, clock):
    bearing(expires_in_days=1)
    clock.advance(days=2)

    answer = client.get("/api/auth/me", headers={"Authorization": "Bearer 2|" + "0" * 40})
    assert answer.get_json() == {"message": "Unauthenticated."}


def test_it_is_revoked_like_any_other(client, bearing, as_alice):
    script = bearing()
    assert client.delete("/api/auth/tokens/2", headers=as_alice).status_code == 204
    assert client.get("/api/auth/me", headers=script).status_code == 401


def test_a_new_password_revokes_it(client, bearing, as_alice):
    script = bearing()
    change = {"current_password": PASSWORD, "password": "another correct horse"}
    assert client.post("/api/auth/password", json=change, headers=as_alice).status_code == 204
    assert client.get("/api/auth/me", headers=script).status_code == 401


def test_it_logs_no_browser_in(client, make_token):
    token = make_token(name="console").get_json()["token"]["token"]
    with client.session_transaction() as session:
        session["_user_id"] = token

    assert client.get("/account").location.startswith("/login")


@pytest.mark.parametrize("route", sorted(routes("accounts") - OPEN | ACCOUNT_ROUTES.keys()))
def test_each_account_route_says_whether_an_api_token_will_do(client, bearing, route):
    method, path = route.replace("<token_id>", "99").split()
    expected = ACCOUNT_ROUTES[route.replace("HEAD ", "GET ")]
    answer = client.open(path, method=method, json=BODY, headers=bearing())

    assert answer.status_code == expected
    if expected == 403:
        assert "needs a token from a login" in answer.get_json()["message"]


@pytest.mark.parametrize("route", methods_that_write())
def test_a_read_only_one_is_refused_by_every_route_that_may_write(client, bearing, route):
    method, path = route.split()
    path = path.replace("<path:release>", "1.0")
    for name in ("project", "feedback_id", "issue", "member", "invitation", "token", "token_id"):
        path = path.replace(f"<{name}>", "1")
    answer = client.open(path, method=method, json=BODY, headers=bearing(read_only=True))

    assert answer.status_code == 403
    assert answer.get_json()["message"].startswith("This API token is read-only")


def test_a_read_only_one_reads_and_one_that_may_write_writes(client, bearing):
    reader, writer = bearing(read_only=True), bearing()
    made = client.post("/api/projects", json={"name": "My app"}, headers=writer)

    assert made.status_code == 201
    path = f"/api/projects/{made.get_json()['id']}/feedback"
    for method in ("GET", "HEAD"):
        assert client.open(path, method=method, headers=reader).status_code == 200
