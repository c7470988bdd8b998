"""What projects take of the disk, shown to owners and the doctor."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.database import write_transaction
from app.models import DiskShare as Counted
from app.models import EventDay
from app.services.instance.doctor import shares
from app.services.instance.doctor.findings import Level
from app.services.projects import disk_shares, disk_survey
from app.services.projects.disk_shares import ProjectBytes

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def sent(clock, project):
    """So many bytes came so many days ago."""

    def add(size, *, days_ago=0, project_id=project.id):
        day = clock().date() - timedelta(days=days_ago)
        with write_transaction() as connection:
            row = {"project_id": project_id, "day": day, "content_bytes": size}
            connection.execute(insert(EventDay), row)

    return add


@pytest.fixture
def examined(clock, settings):
    def check(**values):
        with write_transaction() as connection:
            found = list(
                shares.check(connection, replace(settings, **values), today=clock().date())
            )
        return [each.message for each in found if each.level is Level.OK], [
            each.message for each in found if each.level is Level.WARNING
        ]

    return check


@pytest.fixture
def counted(clock):
    """As if so many bytes had been counted of a project's events."""

    def add(size, *, project_id):
        row = {"project_id": project_id, "of_table": "events", "rows_kept": 1, "bytes_kept": size}
        with write_transaction() as connection:
            connection.execute(insert(Counted), {**row, "counted_at": clock()})

    return add


def test_bytes_of_events_are_those_of_all_their_days(project, sent, clock):
    sent(5)
    sent(2**40, days_ago=3)
    share = disk_shares.of_project(project.id, today=clock().date())
    assert (share.event_bytes, share.event_bytes_today) == (2**40 + 5, 5)


def test_largest_come_first_and_no_more_than_asked_for(project, make_project, sent, counted):
    others = [make_project(f"App {n}").id for n in range(3)]
    sent(10)
    counted(10, project_id=project.id)
    for number, other in enumerate(others):
        sent(20 + number, project_id=other, days_ago=1)
        counted(20 + number, project_id=other)

    expected = [ProjectBytes(others[2], 22), ProjectBytes(others[1], 21)]
    assert disk_shares.largest(limit=2) == disk_shares.most_events(limit=2) == expected


def test_doctor_names_the_largest(project, counted, examined, clock):
    (not_yet,), none = examined()
    assert not_yet.startswith("What projects take of the disk was not counted yet") and not none
    disk_survey.count_all(now=clock())
    assert examined() == (["No project takes 1 MB of the disk."], [])
    counted(17_200_000_000, project_id=project.id)
    found = f"Most of the disk, as counted {clock():%Y-%m-%d}: project {project.id} about 17.2 GB."
    assert examined() == ([found], [])


def test_doctor_warns_of_a_project_that_has_used_up_its_day(project, make_project, sent, examined):
    sent(10**9, days_ago=1)  # which is over
    other = make_project("Other").id
    sent(200_000_000, project_id=other)

    (warned,) = examined()[1]

    assert warned.startswith(f"Project {other} has sent its 200 MB of events today")
    assert examined(event_bytes_per_day=0)[1] == []


def test_owner_sees_the_share_over_the_api(client, as_owner, project, sent):
    sent(7)
    sent(5, days_ago=1)

    told = client.get(f"/api/projects/{project.id}", headers=as_owner).get_json()

    assert told["disk"] is None
    assert (told["event_bytes"], told["event_bytes_today"]) == (12, 7)
    assert told["event_bytes_per_day"] == 200_000_000


def test_owner_sees_what_is_kept_of_each_kind(app, client, as_owner, project, make_event, clock):
    make_event(project_id=project.id)
    client.get(f"/api/projects/{project.id}", headers=as_owner)  # has it counted
    app.extensions["disk_survey"].writer.hurry()
    app.extensions["disk_survey"].writer.finish()

    disk = client.get(f"/api/projects/{project.id}", headers=as_owner).get_json()["disk"]

    kinds = {each["kind"]: each for each in disk["kinds"]}
    assert kinds["events"]["rows"] == 1 and kinds["issues"]["rows"] >= 1
    assert disk["bytes"] == sum(each["bytes"] for each in disk["kinds"])
    assert disk["counted_at"] == clock().strftime("%Y-%m-%dT%H:%M:%SZ")
