"""What releases are judged by, in the API."""

import pytest


@pytest.fixture
def at(project):
    return f"/api/projects/{project.id}"


def test_usual_ones_hold_until_the_owner_says_otherwise(client, at, as_owner, record):
    record()
    usual = {"good_from": 0.99, "warning_from": 0.95, "minimum": 0}
    (row,) = client.get(f"{at}/release-health", headers=as_owner).get_json()["releases"]
    assert row["thresholds"] == {"sessions": usual, "users": usual}


def test_what_is_set_is_told_and_kept_in_the_audit(client, at, as_owner, record):
    record()
    wanted = {"users_good_from": 0.995, "users_minimum": 200}
    changed = client.patch(at, json=wanted, headers=as_owner).get_json()
    assert {name: changed[name] for name in wanted} == wanted
    assert changed["users_warning_from"] == 0.95
    held = {"good_from": 0.995, "warning_from": 0.95, "minimum": 200}
    for path in ("release-health", "release-health/1.0", "release?name=1.0"):
        answer = client.get(f"{at}/{path}", headers=as_owner).get_json()
        (row,) = answer.get("releases", [answer])
        assert row["thresholds"]["users"] == held
    verdict = client.get(f"{at}/release-health/1.0/verdict?unit=users", headers=as_owner)
    assert verdict.get_json()["minimum"] == 200
    entry = client.get(f"{at}/audit", headers=as_owner).get_json()["audit"][0]
    assert entry["detail"]["changes"]["users_minimum"] == {"from": 0, "to": 200}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("users_good_from", 1.01),
        ("users_good_from", -0.1),
        ("users_good_from", True),
        ("users_good_from", "0.9"),
        ("sessions_good_from", 0.5),  # below the fair one
        ("sessions_minimum", 0.5),
        ("sessions_minimum", -1),
        ("sessions_minimum", 10**10),
    ],
)
def test_what_cannot_be_one_is_refused(client, at, as_owner, field, value):
    answer = client.patch(at, json={field: value}, headers=as_owner)
    assert answer.status_code == 422


def test_numbers_that_json_does_not_have_are_refused(client, at, as_owner):
    answer = client.patch(at, data='{"users_good_from": NaN}', headers=as_owner)
    assert answer.status_code in (400, 422)
