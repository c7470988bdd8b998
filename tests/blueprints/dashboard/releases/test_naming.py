"""An owner's release is counted by its name, whatever a stranger did to the day's allowance."""

from dataclasses import replace

import pytest

from app.domain.release_health import Window
from app.services.releases import health as release_health


@pytest.fixture
def used_up(app, client, project):
    """A stranger's names have taken all that may be new today."""
    app.config["PIONNE"] = replace(
        app.config["PIONNE"], new_releases_per_day=2, new_environments_per_day=1
    )
    for number in range(4):
        send(client, project, 100 + number, f"junk {number}", f"junk {number}")


def send(client, project, number, release, environment="production"):
    session = {
        "session_id": f"00000000-0000-0000-0000-{number:012}",
        "status": "ok",
        "release": release,
        "environment": environment,
    }
    answer = client.post("/sessions", json=session, headers={"X-Pionne-Token": project.token})
    assert answer.status_code == 202


@pytest.fixture
def counted(app, project, clock):
    def read(release, **narrowed):
        with app.app_context():
            window = Window(today=clock().date(), **narrowed)
            rows = release_health.of_releases(project.id, window, [release])
            return sum(row.sessions_total for row in rows)

    return read


def test_named_release_leaves_other_and_loses_no_session(
    client, project, as_owner, used_up, counted
):
    send(client, project, 1, "1.4.3")
    assert (counted("1.4.3"), counted("other")) == (0, 3)
    for _ in range(2):  # again is harmless
        answer = client.post(
            f"/api/projects/{project.id}/releases", json={"release": "1.4.3"}, headers=as_owner
        )
        assert answer.status_code == 201
        named = {"release": "1.4.3", "environment": "production"}
        assert answer.get_json() == {"release": named}
    send(client, project, 2, "1.4.3")
    assert (counted("1.4.3"), counted("other")) == (1, 3)


def test_environment_may_be_named_with_it(client, project, as_owner, used_up, counted):
    body = {"release": "1.4.3", "environment": "beta"}
    client.post(f"/api/projects/{project.id}/releases", json=body, headers=as_owner)
    send(client, project, 1, "1.4.3", "beta")
    assert counted("1.4.3", environment="beta") == 1


@pytest.mark.parametrize(
    "body", [{}, {"release": "\u200b "}, {"release": 3}, {"release": "x" * 201}]
)
def test_name_that_cannot_be_one_is_refused(client, project, as_owner, body):
    answer = client.post(f"/api/projects/{project.id}/releases", json=body, headers=as_owner)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["release"]


def test_naming_is_in_the_audit(client, project, as_owner, database):
    body = {"release": "1.4.3"}
    client.post(f"/api/projects/{project.id}/releases", json=body, headers=as_owner)
    rows = database.rows("SELECT action FROM audit_entries ORDER BY id DESC LIMIT 1")
    assert rows == [("release.named",)]
