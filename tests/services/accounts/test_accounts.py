"""Accounts and the tokens of their clients."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from app.database import read_transaction
from app.models import Account, UserToken
from app.services import accounts
from app.services.errors import Invalid, NotFound, Unauthenticated
from app.services.projects import members

pytestmark = pytest.mark.usefixtures("context")


def rows(model):
    with read_transaction() as connection:
        return connection.execute(select(*model.__table__.columns)).all()


def test_account_is_created_as_it_was_typed(clock):
    account = accounts.create("Me@B.example", password="correct horse", now=clock(), name="Me")
    (row,) = rows(Account)
    assert account == accounts.AccountRow(id=row.id, email="Me@B.example", name="Me")
    assert (row.email, row.name, row.created_at) == ("Me@B.example", "Me", clock())


def test_password_is_stored_as_an_argon2_hash(clock, database_bytes):
    accounts.create("a@b.example", password="correct horse", now=clock())
    assert PasswordHasher().verify(rows(Account)[0].password_hash, "correct horse")
    assert b"correct horse" not in database_bytes()


@pytest.mark.parametrize("email", ["owner@example.com", "OWNER@Example.com"])
def test_address_has_one_account_however_it_is_typed(owner, clock, email):
    with pytest.raises(Invalid) as refusal:
        accounts.create(email, password="correct horse", now=clock())
    assert refusal.value.field == "email"
    assert len(rows(Account)) == 1


def test_account_is_found_in_any_case(owner):
    assert accounts.find_by_email("Owner@EXAMPLE.com") == owner


def test_unknown_address_is_not_found(owner):
    with pytest.raises(NotFound):
        accounts.find_by_email("nobody@example.com")


def test_token_for_an_unknown_address_is_not_issued(owner, clock):
    with pytest.raises(NotFound):
        accounts.issue_token("nobody@example.com", client="cli", now=clock())
    assert rows(UserToken) == []


def test_issued_token_identifies_its_account(owner, make_account, clock):
    make_account("other@example.com")
    token = accounts.issue_token(owner.email, client="cli", now=clock()).token
    assert accounts.authenticate(token).account_id == owner.id


def test_token_is_named_after_its_client(owner, clock):
    accounts.issue_token(owner.email, client="mobile", now=clock())
    (row,) = rows(UserToken)
    assert (row.name, row.account_id, row.created_at) == ("mobile", owner.id, clock())


def test_tokens_of_one_account_live_side_by_side(owner, clock):
    tokens = [accounts.issue_token(owner.email, client="cli", now=clock()) for _ in range(2)]
    bearers = [accounts.authenticate(each.token) for each in tokens]
    assert [bearer.account_id for bearer in bearers] == [owner.id, owner.id]


@pytest.mark.parametrize("token", ["", "|", "1", "1|", "1|" + "0" * 40, "9" * 30 + "|" + "0" * 40])
def test_what_is_no_token_identifies_nobody(owner, clock, token):
    accounts.issue_token(owner.email, client="cli", now=clock())
    assert accounts.authenticate(token) is None


@pytest.mark.parametrize("read", [accounts.get, members.email_of])
def test_whoever_is_logged_in_to_an_account_that_just_went_is_not_logged_in(read):
    with pytest.raises(Unauthenticated):
        read(99)
