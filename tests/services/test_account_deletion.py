"""What is left of an account, at once and once its projects are purged."""

import pytest
from sqlalchemy import delete, func, insert, select

from app.database import read_transaction, write_transaction
from app.domain.registration import RegistrationMode
from app.models import Account, Project, ProjectMember, RecoveryCode, UserToken
from app.services import account_deletion, accounts, projects, registration, two_factor
from app.services.errors import Invalid
from tests.services.conftest import PASSWORD


def rows(model):
    with read_transaction() as connection:
        return connection.execute(select(*model.__table__.columns)).all()


def delete_account(account, clock):
    account_deletion.delete_account(account.id, password=PASSWORD, now=clock())


def test_an_account_without_projects_is_gone_at_once(alice, clock):
    delete_account(alice, clock)

    assert rows(Account) == []


def test_owned_projects_are_marked_and_not_removed(alice, clock, make_project):
    make_project(owner_id=alice.id)
    delete_account(alice, clock)

    assert [project.deleted_at for project in rows(Project)] == [clock()]


def test_a_project_that_was_deleted_before_keeps_its_time(alice, clock, make_project):
    make_project(owner_id=alice.id)
    with write_transaction() as connection:
        connection.execute(Project.__table__.update().values(deleted_at=clock()))
    before = clock()
    clock.advance(hours=1)
    delete_account(alice, clock)

    assert [project.deleted_at for project in rows(Project)] == [before]


def test_the_tombstone_holds_nothing_personal(alice, clock, make_project):
    two_factor.enrol(alice.id, password=PASSWORD)
    accounts.issue_token(alice.email, client="web", now=clock())
    make_project(owner_id=alice.id)
    delete_account(alice, clock)

    (tombstone,) = [row for row in rows(Account) if row.id == alice.id]
    assert "alice" not in tombstone.email + tombstone.email_key
    assert tombstone.name is tombstone.totp_secret is None
    assert not tombstone.password_hash.startswith("$")
    assert rows(UserToken) == rows(RecoveryCode) == []


def test_memberships_go_and_the_projects_of_others_stay(alice, clock, project):
    values = {"project_id": project.id, "account_id": alice.id, "role": "member"}
    with write_transaction() as connection:
        connection.execute(insert(ProjectMember), {**values, "created_at": clock()})
    delete_account(alice, clock)

    assert rows(ProjectMember) == []
    assert [row.deleted_at for row in rows(Project)] == [None]


def test_the_tombstone_goes_when_the_last_project_is_purged(alice, clock, make_project):
    made = make_project(owner_id=alice.id)
    delete_account(alice, clock)
    assert account_deletion.remove_tombstones(now=clock()) == 0
    with write_transaction() as connection:
        connection.execute(delete(Project).where(Project.id == made.id))

    assert account_deletion.remove_tombstones(now=clock()) == 1
    assert alice.id not in [row.id for row in rows(Account)]


def test_a_project_made_while_its_owner_went_is_marked_later(alice, clock, make_project):
    make_project(owner_id=alice.id)
    delete_account(alice, clock)
    projects.create("Too late", owner_id=alice.id, now=clock())
    account_deletion.remove_tombstones(now=clock())

    assert all(project.deleted_at for project in rows(Project))


def test_removing_tombstones_leaves_the_living(alice, owner, clock):
    assert account_deletion.remove_tombstones(now=clock()) == 0
    with read_transaction() as connection:
        assert connection.execute(select(func.count(Account.id))).scalar_one() == 2


def test_a_wrong_password_deletes_nothing(alice, clock):
    with pytest.raises(Invalid):
        account_deletion.delete_account(alice.id, password="not hers", now=clock())

    assert [row.id for row in rows(Account)] == [alice.id]


def test_when_the_only_account_is_gone_the_next_one_is_the_first(alice, clock):
    projects.create("Hers", owner_id=alice.id, now=clock())
    delete_account(alice, clock)

    application = registration.Application(email="bob@example.com", password=PASSWORD)
    registered = registration.register(
        application, mode=RegistrationMode.FIRST, client="web", now=clock()
    )
    assert registered.account.email == "bob@example.com"
