"""An address where nothing is says what was meant, where that is known."""

import pytest

pytestmark = pytest.mark.sqlite_only("asks no database")


@pytest.mark.parametrize(
    "path", ["/auth/login", "/auth/me", "/projects/1/regenerate", "/openapi.json"]
)
def test_an_address_that_exists_below_api_is_told(client, path):
    answer = client.open(path, method="POST", json={})
    assert answer.status_code == 404
    assert f"/api{path}" in answer.get_json()["message"]


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/auth", "/api/api/auth/login"])
def test_nothing_is_made_up_for_an_address_that_exists_nowhere(client, path):
    message = client.post(path).get_json()["message"]
    assert message == "There is nothing at this address; check the path."


@pytest.mark.parametrize("prefix", ["/api", ""])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/projects/7/sourcemaps", "uploads source maps"),
        ("/projects/7/sourcemaps/release/1.4.2", "uploads source maps"),
        ("/profiles", "switch profiling off"),
    ],
)
def test_what_is_not_done_here_says_how_to_switch_it_off(client, prefix, method, path, told):
    answer = client.open(prefix + path, method=method, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert told in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    ["/api//profiles", "/ingest//profiles", "/api/ingest//profiles", "/profiles/"],
)
def test_profiles_say_so_also_with_a_slash_too_many(client, path):
    assert "switch profiling off" in client.post(path).get_json()["message"]


def test_the_hint_is_no_way_to_learn_what_a_stranger_owns(client, project, as_owner):
    known = client.post(f"/projects/{project.id}/regenerate").get_json()
    unknown = client.post(f"/projects/{project.id + 1}/regenerate").get_json()
    assert known["message"].replace(f"/{project.id}/", "/N/") == unknown["message"].replace(
        f"/{project.id + 1}/", "/N/"
    )
