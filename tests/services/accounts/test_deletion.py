"""What is left of an account, at once and once its projects are purged."""

import pytest
from sqlalchemy import insert, select

from app.database import read_transaction, write_transaction
from app.domain.registration import RegistrationMode
from app.models import Account, AuditEntry, Project, ProjectMember, RecoveryCode, UserToken
from app.services import accounts, projects
from app.services.accounts import deletion as account_deletion
from app.services.accounts import registration, two_factor
from app.services.errors import Forbidden, Invalid
from app.services.projects import senders
from tests.services.conftest import PASSWORD


def rows(model):
    with read_transaction() as connection:
        return connection.execute(select(*model.__table__.columns)).all()


def delete_account(account, clock):
    account_deletion.delete_account(account.id, password=PASSWORD, now=clock())


def test_account_is_gone_at_once(alice, clock):
    two_factor.enrol(alice.id, password=PASSWORD)
    accounts.issue_token(alice.email, client="web", now=clock())
    delete_account(alice, clock)

    assert rows(Account) == rows(UserToken) == rows(RecoveryCode) == []


def test_projects_it_owned_are_found_by_nobody_at_once(alice, clock, make_project):
    token = make_project(owner_id=alice.id).token
    delete_account(alice, clock)

    assert senders.find(token) is None
    assert projects.list_all() == []


def test_rows_of_its_projects_go_behind_it(app, alice, clock, make_project):
    make_project(owner_id=alice.id)
    delete_account(alice, clock)
    app.extensions["background_purge"].finish()

    assert rows(Project) == []


def test_memberships_go_and_the_projects_of_others_stay(app, alice, clock, project):
    values = {"project_id": project.id, "account_id": alice.id, "role": "member"}
    with write_transaction() as connection:
        connection.execute(insert(ProjectMember), {**values, "created_at": clock()})
    delete_account(alice, clock)
    app.extensions["background_purge"].finish()

    assert rows(ProjectMember) == []
    assert [row.deleted_at for row in rows(Project)] == [None]


def test_a_wrong_password_deletes_nothing(alice, clock):
    with pytest.raises(Invalid):
        account_deletion.delete_account(alice.id, password="not hers", now=clock())

    assert [row.id for row in rows(Account)] == [alice.id]


def test_when_the_only_account_is_gone_nobody_is_the_first_again(alice, clock):
    delete_account(alice, clock)

    application = registration.Application(email="bob@example.com", password=PASSWORD)
    with pytest.raises(Forbidden, match="pionne-feedback accounts create"):
        registration.register(application, mode=RegistrationMode.FIRST, client="web", now=clock())


def test_departure_is_in_the_audit_of_the_projects_of_others(alice, clock, project):
    values = {"project_id": project.id, "account_id": alice.id, "role": "member"}
    with write_transaction() as connection:
        connection.execute(insert(ProjectMember), {**values, "created_at": clock()})
    delete_account(alice, clock)

    newest = max(rows(AuditEntry), key=lambda entry: entry.id)
    assert (newest.action, newest.actor) == ("member.removed", "alice@example.com")
