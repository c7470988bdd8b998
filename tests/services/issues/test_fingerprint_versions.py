"""An upgrade of the rules of grouping splits no issue, and changes nothing that people triaged."""

import pytest
from sqlalchemy import func, select

from app.database import read_transaction
from app.domain.issue_status import IssueStatus
from app.models import IssueFingerprint
from app.services import issues


@pytest.fixture
def old_issue(ingest):
    """The id of an issue that was made before the upgrade, by the former version alone."""
    return lambda bug: ingest(bug).issue_id


@pytest.fixture
def after_upgrade(ingest):
    """An event that both versions know, by its present and its former fingerprint."""

    def send(bug, *, formerly):
        return ingest(bug, former_fingerprint=formerly.encode().ljust(32))

    return send


def test_event_joins_the_issue_of_its_former_fingerprint(old_issue, after_upgrade, project, ingest):
    issue_id = old_issue("old")
    assert after_upgrade("new", formerly="old").issue_id == issue_id
    assert issues.read(project.id, issue_id).issue.events_count == 2
    assert ingest("another").issue_id != issue_id


def test_event_of_the_next_build_joins_it_too(old_issue, after_upgrade):
    issue_id = old_issue("old")
    after_upgrade("new", formerly="old")
    assert after_upgrade("new", formerly="split by the former rules").issue_id == issue_id


def test_two_old_issues_that_the_new_rules_make_one_stay_two(old_issue, after_upgrade):
    one, other = old_issue("one"), old_issue("other")
    assert after_upgrade("new", formerly="one").issue_id == one
    assert after_upgrade("new", formerly="other").issue_id == other
    assert after_upgrade("new", formerly="neither").issue_id in (one, other)


def test_one_old_issue_that_the_new_rules_make_two_stays_one(old_issue, after_upgrade, ingest):
    issue_id = old_issue("old")
    assert after_upgrade("new", formerly="old").issue_id == issue_id
    assert after_upgrade("another", formerly="old").issue_id == issue_id
    assert ingest("another").issue_id == issue_id


@pytest.mark.parametrize("status", [IssueStatus.IGNORED, IssueStatus.OPEN])
def test_status_stays(old_issue, after_upgrade, project, clock, status):
    issue_id = old_issue("old")
    issues.set_status(project.id, issue_id, status=status, actor=None, now=clock())
    after_upgrade("new", formerly="old")
    assert issues.read(project.id, issue_id).issue.status == status


def test_resolved_issue_is_reopened_by_an_event_of_the_new_rules(
    old_issue, after_upgrade, project, clock
):
    issue_id = old_issue("old")
    issues.set_status(project.id, issue_id, status=IssueStatus.RESOLVED, actor=None, now=clock())
    after_upgrade("new", formerly="old")
    assert issues.read(project.id, issue_id).issue.status == IssueStatus.OPEN


def test_new_issue_is_known_by_its_own_fingerprint_alone(after_upgrade):
    first = after_upgrade("new", formerly="unknown").issue_id
    assert after_upgrade("new", formerly="unknown, too").issue_id == first
    with read_transaction() as connection:
        count = connection.execute(select(func.count()).select_from(IssueFingerprint)).scalar_one()
    assert count == 0


def test_what_a_deleted_issue_was_known_by_is_forgotten(old_issue, after_upgrade, project, clock):
    issue_id = old_issue("old")
    after_upgrade("new", formerly="old")
    issues.remove(project.id, issue_id, actor=None, now=clock())
    assert after_upgrade("new", formerly="old").issue_id > issue_id


def test_another_project_is_not_asked(old_issue, ingest, make_project):
    issue_id = old_issue("old")
    other = ingest("new", former_fingerprint=b"old".ljust(32), project_id=make_project("Other").id)
    assert other.issue_id != issue_id
