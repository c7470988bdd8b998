"""Projects over HTTP: made, listed, changed, deleted, and given a new token."""

import pytest

from app.domain.tokens import is_project_token
from app.services import projects
from app.services.issues import events
from app.services.projects import senders

ROW = {"id", "name", "platform", "bundle_id", "token_preview", "events_count_30d", "created_at"}
DETAIL = ROW | {
    *("bundle_pinning", "disk", "event_bytes", "event_bytes_today", "event_bytes_per_day"),
    *("sessions_good_from", "sessions_warning_from", "sessions_minimum"),
    *("users_good_from", "users_warning_from", "users_minimum", "dsn"),
}


@pytest.fixture
def post_project(client, as_owner):
    def post(**body):
        return client.post("/api/projects", json=body, headers=as_owner)

    return post


@pytest.fixture
def count_rows(database_rows):
    def count(table: str) -> int:
        return database_rows(f"SELECT count(*) FROM {table}")[0][0]

    return count


def test_a_new_project_is_answered_with_its_row_and_its_token(post_project):
    answer = post_project(name="Shop", platform="flutter")

    body = answer.get_json()
    assert answer.status_code == 201
    assert body.keys() == ROW | {"dsn", "token"}
    assert is_project_token(body["token"])
    assert body["token_preview"] == body["token"][:13] + "..."
    assert (body["name"], body["platform"], body["bundle_id"]) == ("Shop", "flutter", None)
    assert (body["events_count_30d"], body["created_at"]) == (0, "2026-05-07T17:25:00Z")


def test_the_token_of_a_new_project_takes_feedback(post_project, post_feedback):
    token = post_project(name="Shop").get_json()["token"]

    assert post_feedback(token=token).status_code == 202


def test_a_token_is_shown_once_and_is_in_no_table(post_project, call, database_bytes):
    made = post_project(name="Shop").get_json()

    shown = call("GET", project_id=made["id"]).get_data(as_text=True)
    assert made["token"] not in shown
    assert made["token"].encode() not in database_bytes()


@pytest.mark.parametrize(
    "body",
    [{}, {"name": None}, {"name": "  "}, {"name": 5}, {"name": "x" * 121}, {"name": "a\x00b"}],
)
def test_a_project_without_a_proper_name_is_refused(post_project, body):
    answer = post_project(**body)

    assert answer.status_code == 422
    assert answer.get_json()["errors"].keys() == {"name"}


def test_the_list_comes_under_both_names_with_exactly_the_contracted_fields(client, call, as_owner):
    call("GET")

    body = client.get("/api/projects", headers=as_owner).get_json()

    assert body["data"] == body["projects"]
    assert [row.keys() for row in body["projects"]] == [ROW]


def test_the_list_has_what_one_owns_and_what_one_is_a_member_of(
    client, project, make_project, make_account, make_member, bearer
):
    member = make_member(role="viewer")
    own = make_project("Mine", owner_id=member.id)
    make_project("Somebody else's", owner_id=make_account("else@example.com").id)

    body = client.get("/api/projects", headers=bearer(member.email)).get_json()

    assert [row["id"] for row in body["projects"]] == [project.id, own.id]


def test_only_the_events_of_the_last_30_days_are_counted(call, make_event, make_project, clock):
    make_event()
    clock.advance(days=1)
    make_event()
    make_event(project_id=make_project("Other").id)
    assert call("GET").get_json()["events_count_30d"] == 2

    clock.advance(days=29, seconds=1)

    assert call("GET").get_json()["events_count_30d"] == 1


@pytest.mark.sqlite_only("PostgreSQL's plans are in tests/services")
def test_counting_events_reads_an_index_and_no_event(database_rows):
    plan = database_rows(
        "EXPLAIN QUERY PLAN SELECT count(*) FROM events"
        " WHERE project_id = 1 AND created_at > '2026-05-07'"
    )
    assert "COVERING INDEX ix_events_received" in str(plan)


def test_a_change_changes_only_what_it_names(call):
    call("PATCH", "", {"platform": "web", "bundle_id": "com.acme.app"})

    answer = call("PATCH", "", {"name": "Shop", "platform": None, "colour": "red"})

    body = answer.get_json()
    assert answer.status_code == 200
    assert body.keys() == DETAIL
    assert (body["name"], body["platform"], body["bundle_id"]) == ("Shop", "web", "com.acme.app")
    assert body["bundle_pinning"] is True


@pytest.mark.parametrize("field", ["name", "platform", "bundle_id"])
def test_a_token_in_place_of_a_name_is_refused_and_stands_nowhere(call, project, field):
    """Every member would see it, and the audit would keep it."""
    answer = call("PATCH", "", {field: project.token})

    assert answer.status_code == 422
    assert answer.get_json()["errors"].keys() == {field}
    assert project.token not in answer.text + call("GET", "/audit").text


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_cleared_bundle_id_lets_the_next_event_pin_another_app(
    app, call, project, clock, nothing
):
    call("PATCH", "", {"bundle_id": "com.acme.app"})

    assert call("PATCH", "", {"bundle_id": nothing}).get_json()["bundle_id"] is None

    event = events.NewEvent(
        exception_type="E", fingerprint=bytes(32), environment="p", app_id="org.b", content={}
    )
    with app.app_context():
        events.ingest(project.id, event, now=clock())
    assert call("GET").get_json()["bundle_id"] == "org.b"


def test_pinning_is_switched_off_for_good_and_on_again(call, client, project):
    def post(app_id):
        body = {"exception_type": "Error", "app_id": app_id}
        return client.post("/ingest", json=body, headers={"X-Pionne-Token": project.token})

    assert call("GET").get_json()["bundle_pinning"] is True
    answer = call("PATCH", "", {"bundle_pinning": False})
    assert (answer.status_code, answer.get_json()["bundle_pinning"]) == (200, False)
    assert [post(app_id).status_code for app_id in ("org.a", "org.b", None)] == [202] * 3
    assert call("GET").get_json()["bundle_id"] is None

    call("PATCH", "", {"name": "Shop"})
    assert call("GET").get_json()["bundle_pinning"] is False
    call("PATCH", "", {"bundle_pinning": True})
    assert [post(app_id).status_code for app_id in ("org.a", "org.b", None)] == [202, 403, 403]
    changes = [row["detail"] for row in call("GET", "/audit").get_json()["audit"]][::-1]
    assert {"changes": {"bundle_pinning": {"from": True, "to": False}}} in changes
    assert {"changes": {"bundle_pinning": {"from": False, "to": True}}} in changes


@pytest.mark.parametrize("value", ["true", "off", 0, 1, [], {}], ids=repr)
def test_pinning_is_true_or_false_and_nothing_like_it(call, value):
    answer = call("PATCH", "", {"bundle_pinning": value})

    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {
        "bundle_pinning": ["The bundle pinning must be true or false."]
    }
    assert call("GET").get_json()["bundle_pinning"] is True


@pytest.mark.parametrize(
    "body", [{"name": 5}, {"name": "x" * 121}, {"platform": []}, {"bundle_id": "x" * 201}]
)
def test_a_change_to_something_improper_is_refused_and_changes_nothing(call, body):
    before = call("GET").get_json()

    answer = call("PATCH", "", body)

    assert answer.status_code == 422
    assert answer.get_json()["errors"].keys() == body.keys()
    assert call("GET").get_json() == before


def test_regenerating_kills_the_old_token_and_the_new_one_lives(call, project, post_feedback):
    answer = call("POST", "/regenerate")

    body = answer.get_json()
    assert (answer.status_code, body.keys()) == (200, {"token"})
    assert post_feedback(token=project.token).status_code == 401
    assert post_feedback(token=body["token"]).status_code == 202
    assert call("GET").get_json()["token_preview"] == body["token"][:13] + "..."


@pytest.mark.parametrize("body", [{}, {"confirm": "my app"}, {"confirm": ""}, {"confirm": 1}])
def test_deleting_without_the_projects_name_deletes_nothing(call, body):
    answer = call("DELETE", "", body)

    assert answer.status_code == 422
    assert answer.get_json()["errors"].keys() == {"confirm"}
    assert call("GET").status_code == 200


def test_a_deleted_project_is_gone_for_reader_and_writer_before_its_rows_are(
    app, client, call, project, as_owner, make_feedback, post_feedback, make_member, bearer
):
    make_feedback()
    as_member = bearer(make_member().email)
    app.extensions["background_purge"].stop()  # as if it had not come to it yet

    answer = call("DELETE", "", {"confirm": "My app"})

    assert (answer.status_code, answer.get_json()) == (200, {"deleted": True})
    assert client.get("/api/projects", headers=as_owner).get_json()["projects"] == []
    assert client.get("/api/projects", headers=as_member).get_json()["projects"] == []
    for path in ("", "/feedback", "/issues", "/release-health", "/members", "/audit"):
        assert call("GET", path).status_code == 404
        assert call("GET", path, headers=as_member).status_code == 404
    assert call("DELETE", "", {"confirm": "My app"}).status_code == 404
    assert post_feedback(token=project.token).status_code == 401


def test_the_rows_of_a_deleted_project_go_in_the_background(
    call, make_feedback, make_event, finish_purge, count_rows
):
    make_feedback(event_id=make_event().id)

    call("DELETE", "", {"confirm": "My app"})
    finish_purge()

    tables = ("projects", "feedback", "events", "issues", "audit_entries")
    assert [count_rows(table) for table in tables] == [0] * len(tables)


def test_another_tenants_project_looks_like_one_that_does_not_exist(call, make_account, bearer):
    stranger = bearer(make_account("stranger@example.com").email)

    theirs = call("GET", headers=stranger)
    missing = call("GET", project_id=999, headers=stranger)

    assert theirs.status_code == missing.status_code == 404
    assert theirs.data == missing.data


def test_a_refusal_for_the_role_says_which_one_is_needed(call, make_member, bearer):
    as_viewer = bearer(make_member(role="viewer").email)

    triage = call("PATCH", "/feedback/1", {"status": "handled"}, headers=as_viewer)
    rotate = call("POST", "/regenerate", headers=as_viewer)

    assert triage.get_json() == {
        "message": "This needs the role member or owner in the project; yours is viewer."
    }
    assert rotate.get_json() == {
        "message": "This needs the role owner in the project; yours is viewer."
    }


@pytest.mark.parametrize("project_id", ["0", "-1", "x", "9" * 30, "1.0"])
def test_an_id_that_cannot_be_one_is_not_found(call, project_id):
    assert call("GET", project_id=project_id).status_code == 404


def test_a_write_into_a_project_that_was_purged_meanwhile_is_refused(
    app, client, project, finish_purge, monkeypatch, clock
):
    """The request passed its check; then the project went; then it wrote."""
    with app.app_context():
        found = senders.find(project.token)
    with app.app_context():
        projects.mark_deleted(project.id, confirm="My app", actor=None, now=clock())
    finish_purge()
    monkeypatch.setattr(senders, "find", lambda token: found)

    answers = [
        client.post(path, json=body, headers={"X-Pionne-Token": project.token})
        for path, body in (
            ("/feedback", {"message": "Hello"}),
            ("/ingest", {"exception_type": "TypeError"}),
            ("/sessions", {"session_id": "123e4567-e89b-12d3-a456-426614174000", "status": "ok"}),
        )
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
