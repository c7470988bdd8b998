"""What events take of the disk, shown to owners, the doctor and Prometheus."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.database import write_transaction
from app.models import EventDay
from app.services.instance.doctor import shares
from app.services.instance.doctor.findings import Level
from app.services.projects import disk_shares
from app.services.projects.disk_shares import DiskShare

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


def test_a_projects_share_is_all_its_days(project, sent, clock):
    today = clock().date()
    nothing = DiskShare(project_id=project.id, event_bytes=0, event_bytes_today=0)
    assert disk_shares.of_project(project.id, today=today) == nothing
    sent(5)
    sent(2**40, days_ago=3)
    whole = DiskShare(project_id=project.id, event_bytes=2**40 + 5, event_bytes_today=5)
    assert disk_shares.of_project(project.id, today=today) == whole


def test_largest_come_first_and_no_more_than_asked_for(project, make_project, sent, clock):
    others = [make_project(f"App {n}").id for n in range(3)]
    sent(10)
    for number, other in enumerate(others):
        sent(20 + number, project_id=other, days_ago=1)

    found = disk_shares.largest(today=clock().date(), limit=2)

    assert [(each.project_id, each.event_bytes) for each in found] == [
        (others[2], 22),
        (others[1], 21),
    ]


def test_doctor_names_the_largest(project, sent, examined):
    assert examined() == (["No project has 1 MB of events' content."], [])
    sent(17_200_000_000, days_ago=2)
    fine = [f"The most content of events is of: project {project.id} 17.2 GB."]
    assert examined() == (fine, [])


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

    assert (told["event_bytes"], told["event_bytes_today"]) == (12, 7)
    assert told["event_bytes_per_day"] == 200_000_000
