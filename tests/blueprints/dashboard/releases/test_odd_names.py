"""A release of any name that can be stored can be asked for: in the query, and most in the path."""

import uuid
from urllib.parse import quote

import pytest

from tests.release_names import NOT_IN_A_PATH, odd_names

NAMES = odd_names()


@pytest.fixture
def releases(record):
    for name in NAMES:
        record(release=name)


@pytest.fixture
def answer(client, project, as_owner):
    """What a route below the project says."""

    def get(path, **query):
        url = f"/api/projects/{project.id}/{path}"
        response = client.get(url, query_string=query, headers=as_owner)
        assert response.status_code == 200, (path, query, response.get_json())
        return response.get_json()

    return get


def test_each_is_found_by_the_query(releases, answer):
    assert [answer("release", name=name)["release"] for name in NAMES] == NAMES


def test_each_row_of_the_report_is_found_by_the_query(releases, answer):
    rows = [answer("release-health", release=name)["releases"] for name in NAMES]
    assert [[row["release"] for row in some] for some in rows] == [[name] for name in NAMES]


def test_each_is_judged_by_the_query(releases, answer):
    for name in NAMES:
        judged = answer("release/verdict", name=name, against="1.0")
        assert judged["reason"] == "No session of 1.0 began in the last 14 days."


def test_each_that_a_path_can_say_is_found_by_the_path(releases, answer):
    sayable = [name for name in NAMES if name not in NOT_IN_A_PATH]
    found = [answer(f"release-health/{quote(name, safe='')}")["release"] for name in sayable]
    assert found == sayable


def test_each_that_a_path_can_say_is_judged_by_the_path(releases, answer):
    for name in NAMES:
        if name not in NOT_IN_A_PATH:
            path = f"release-health/{quote(name, safe='')}/verdict"
            judged = answer(path, against="1.0")
            assert judged["reason"] == "No session of 1.0 began in the last 14 days."


def test_each_can_be_sent_and_is_told_as_it_was_sent(client, project, answer):
    for name in NAMES:
        body = {"session_id": str(uuid.uuid4()), "status": "ok", "release": name}
        sent = client.post("/sessions", json=body, headers={"X-Pionne-Token": project.token})
        assert sent.status_code == 202
    told = {row["release"] for row in answer("release-health")["releases"]}
    assert told == set(NAMES)


@pytest.mark.parametrize("name", ["2.0", "\x00", "x" * 201])
def test_one_that_is_not_there_is_refused(releases, client, project, as_owner, name):
    url = f"/api/projects/{project.id}/release"
    response = client.get(url, query_string={"name": name}, headers=as_owner)
    assert response.status_code == (404 if name == "2.0" else 422)


def test_without_a_name_the_query_is_refused(client, project, as_owner):
    response = client.get(f"/api/projects/{project.id}/release", headers=as_owner)
    assert response.get_json()["errors"] == {"name": ["The name field is required."]}
