"""Releases by operating system, environment and version, as the API tells them."""

import csv
import io

import pytest

from app.services.releases import slices


@pytest.fixture
def ask(client, project, as_owner):
    def get(path="release-health", **query):
        return client.get(
            f"/api/projects/{project.id}/{path}", query_string=query, headers=as_owner
        )

    return get


@pytest.fixture
def phones(record):
    """Half of them crash on Android."""
    for number in range(60):
        os_name = ("Android", "iOS")[number % 2]
        status = "crashed" if number % 4 == 0 else "exited"
        record(status, user=f"user {number}", os_name=os_name, environment="production")


def test_each_row_has_its_slices_those_that_differ_first(ask, phones):
    (row,) = ask(by="os_name").get_json()["releases"]
    android, ios = row["slices"]["values"]
    assert (row["sessions_total"], row["users_total"], row["users_crashed"]) == (60, 60, 15)
    assert row["slices"]["by"] == "os_name"
    assert row["slices"]["other"] is None
    assert (android["value"], android["differs"]) == ("Android", "more")
    assert (android["sessions_total"], android["sessions_crashed"]) == (30, 15)
    assert (android["users_total"], android["users_crashed"]) == (30, 15)
    assert (android["crash_free_sessions"], android["crash_free_users"]) == (0.5, 0.5)
    assert android["difference"] == 0.5
    assert 0 < android["difference_interval"][0] < 0.5
    assert (ios["value"], ios["users_crashed"], ios["differs"]) == ("iOS", 0, "less")


@pytest.mark.parametrize("path", ["release-health/1.0", "release"])
def test_one_release_has_its_slices_when_asked(ask, phones, path):
    name = {"name": "1.0"} if path == "release" else {}
    shown = ask(path, by="environment", **name).get_json()
    assert [each["value"] for each in shown["slices"]["values"]] == ["production"]
    assert "slices" not in ask(path, **name).get_json()


def test_report_without_by_is_as_it_was(ask, phones):
    (row,) = ask().get_json()["releases"]
    assert "slices" not in row


def test_what_releases_cannot_be_sliced_by_is_refused(ask, phones):
    answer = ask(by="user_key")
    assert answer.status_code == 422
    assert "os_name, environment, app_version" in answer.get_data(as_text=True)


def test_pages_of_slices_lead_to_the_next_with_the_same_slices(ask, record, monkeypatch, clock):
    monkeypatch.setattr(slices, "_MOST_SESSIONS_OF_PAGE", 1)
    for release in ("1.0", "2.0"):
        record(release=release, os_name="iOS")
        clock.advance(minutes=1)
    first = ask(by="os_name")
    assert [row["release"] for row in first.get_json()["releases"]] == ["2.0"]
    assert "by=os_name" in first.headers["Link"]


def test_csv_has_a_line_for_each_slice(ask, phones):
    answer = ask("release-health.csv", by="os_name")
    lines = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert answer.mimetype == "text/csv"
    assert [(line["value"], line["users_crashed"], line["differs"]) for line in lines] == [
        ("Android", "15", "more"),
        ("iOS", "0", "less"),
    ]
    assert lines[1]["difference"] == "-0.5"


def test_csv_has_nothing_that_a_spreadsheet_runs(ask, record):
    for number, name in enumerate(["=1+1", "@cmd", "+1", "-1", "\rx", "plain"]):
        record(user=str(number), os_name=name, release="=release")
    text = ask("release-health.csv", by="os_name").get_data(as_text=True)
    cells = [line[:3] for line in csv.reader(io.StringIO(text, newline=""))][1:]
    assert {release for release, _, _ in cells} == {"'=release"}
    assert {value for _, _, value in cells} == {"'=1+1", "'@cmd", "'+1", "'-1", "'\rx", "plain"}


def test_csv_without_slices_has_a_line_for_each_release(ask, phones):
    text = ask("release-health.csv").get_data(as_text=True)
    (line,) = csv.DictReader(io.StringIO(text))
    assert (line["release"], line["sessions_total"]) == ("1.0", "60")
