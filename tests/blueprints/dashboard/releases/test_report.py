"""GET …/release-health (contract section 4.2); what is counted is in tests/services/."""

import pytest

CONTRACTED = [
    *("release", "sessions_total", "sessions_crashed", "sessions_errored"),
    *("users_total", "users_crashed", "crash_free_sessions", "crash_free_users"),
    *("first_seen_at", "last_seen_at"),
]
OURS = [
    *("sessions_ok", "sessions_exited", "sessions_abnormal"),
    *("crash_free_sessions_interval", "crash_free_users_interval", "verdict"),
    "thresholds",
]
USUAL_LINES = {"good_from": 0.99, "warning_from": 0.95, "minimum": 0}


def test_row_has_the_contracted_fields_and_then_ours(record, rows):
    record()
    assert list(rows()["1.0"]) == CONTRACTED + OURS


def test_row_is(record, rows, clock):
    record("crashed", user="ann")
    clock.advance(minutes=1)
    record("errored", user="ann")
    record("abnormal", user="bob")
    record("exited")
    assert rows()["1.0"] == {
        "release": "1.0",
        "sessions_total": 4,
        "sessions_crashed": 1,
        "sessions_errored": 1,
        "users_total": 2,
        "users_crashed": 1,
        "crash_free_sessions": 0.75,
        "crash_free_users": 0.5,
        "first_seen_at": "2026-05-07T17:25:00Z",
        "last_seen_at": "2026-05-07T17:26:00Z",
        "sessions_ok": 0,
        "sessions_exited": 1,
        "sessions_abnormal": 1,
        "crash_free_sessions_interval": [0.3006, 0.9544],
        "crash_free_users_interval": [0.0945, 0.9055],
        "verdict": "bad",  # of two users, but surely below 0.95
        "thresholds": {"sessions": USUAL_LINES, "users": USUAL_LINES},
    }


def test_2_crashed_of_412_users_are_not_yet_a_green(fill, rows):
    fill("1.4.2", users=412, users_crashed=2)
    row = rows()["1.4.2"]
    assert row["crash_free_users"] == 0.9951
    assert row["crash_free_users_interval"] == [0.9825, 0.9987]
    assert row["verdict"] == "undecided"


def test_rate_is_never_1_while_something_crashed(fill, rows):
    fill("1.0", sessions=1_000_000, crashed=1, users=500_000, users_crashed=1)
    row = rows()["1.0"]
    assert (row["crash_free_sessions"], row["crash_free_users"]) == (0.9999, 0.9999)
    assert row["crash_free_users_interval"] == [0.9999, 0.9999]


def test_rate_without_a_crash_is_1(record, rows):
    record("abnormal", user="ann")
    row = rows()["1.0"]
    assert (row["crash_free_sessions"], row["crash_free_users"]) == (1.0, 1.0)


def test_without_users_their_figures_are_null(record, rows):
    record()
    row = rows()["1.0"]
    assert (row["users_total"], row["users_crashed"]) == (0, 0)
    assert row["crash_free_users"] is row["crash_free_users_interval"] is None


@pytest.mark.parametrize(
    ("sessions", "crashed", "verdict"),
    [
        (380, 0, "undecided"),
        (381, 0, "good"),
        (10_000, 119, "undecided"),
        (10_000, 120, "warning"),
        (10_000, 542, "undecided"),
        (10_000, 543, "bad"),
    ],
)
def test_verdict_of_sessions_where_there_are_no_users(fill, rows, sessions, crashed, verdict):
    fill("1.0", sessions=sessions, crashed=crashed)
    assert rows()["1.0"]["verdict"] == verdict


def test_no_sessions_are_no_rows(ask):
    assert ask().get_json() == {"releases": []}


def test_releases_come_newest_seen_first(record, rows, clock):
    for release in ("1.0", "2.0", "1.5"):
        record(release=release)
        clock.advance(seconds=1)
    assert list(rows()) == ["1.5", "2.0", "1.0"]


def test_releases_of_the_same_moment_keep_one_order(record, rows):
    for release in ("1.0", "2.0", "1.5"):
        record(release=release)
    assert list(rows()) == list(rows()) == ["1.5", "2.0", "1.0"]


class TestQuery:
    def test_environment_narrows(self, record, rows):
        record("crashed", environment="staging")
        record("ok", environment="production")
        assert rows(environment="staging")["1.0"]["crash_free_sessions"] == 0.0
        assert rows(environment="production")["1.0"]["crash_free_sessions"] == 1.0
        assert rows(environment="PRODUCTION") == {}

    def test_release_narrows(self, record, rows):
        record(release="1.0")
        record(release="2.0 (17) é")
        assert list(rows(release="2.0 (17) é")) == ["2.0 (17) é"]
        assert rows(release="3.0") == {}

    @pytest.mark.parametrize("days", ["1", "14", "90"])
    def test_days_narrow_by_utc_days(self, record, rows, clock, days):
        clock.time = clock.time.replace(hour=23, minute=59, second=59)
        record()
        clock.advance(days=int(days) - 1)
        assert list(rows(days=days)) == ["1.0"]
        clock.advance(seconds=1)
        assert rows(days=days) == {}

    @pytest.mark.parametrize("name", ["days", "environment", "release"])
    def test_empty_value_narrows_nothing(self, record, rows, name):
        record()
        assert list(rows(**{name: ""})) == ["1.0"]

    @pytest.mark.parametrize("days", ["0", "91", "-1", "1.5", "x", "٣", "1e1", "+5", "9" * 5000])
    def test_days_that_cannot_be_are_refused(self, ask, days):
        response = ask(days=days)
        assert response.status_code == 422
        assert response.get_json() == {
            "message": "The days must be a whole number from 1 to 90.",
            "errors": {"days": ["The days must be a whole number from 1 to 90."]},
        }

    @pytest.mark.parametrize("name", ["environment", "release"])
    @pytest.mark.parametrize("value", ["a\x00b", "x" * 201])
    def test_names_that_nothing_can_have_are_refused(self, ask, name, value):
        assert ask(**{name: value}).status_code == 422


class TestTenants:
    @pytest.mark.parametrize("path", ["", "/1.0", "/1.0/verdict?against=2.0"])
    def test_strangers_find_nothing(self, record, client, project, as_stranger, path):
        record()
        url = f"/api/projects/{project.id}/release-health{path}"
        response = client.get(url, headers=as_stranger)
        assert (response.status_code, response.get_json()) == (
            404,
            {"message": "There is no such project."},
        )

    @pytest.mark.parametrize("path", ["", "/1.0", "/1.0/verdict?against=2.0"])
    def test_without_a_token_nothing_is_shown(self, record, client, project, path):
        record()
        response = client.get(f"/api/projects/{project.id}/release-health{path}")
        assert (response.status_code, response.get_json()) == (
            401,
            {"message": "Unauthenticated."},
        )

    @pytest.mark.parametrize("project_id", ["0", "99", "-1", "x", "1.0", "9" * 30, "٣"])
    def test_project_that_cannot_be_is_not_found(self, ask, project_id):
        assert ask(project_id=project_id).status_code == 404

    def test_other_projects_do_not_show(self, record, rows, make_project):
        record(project_id=make_project("Another").id, release="2.0")
        assert rows() == {}
