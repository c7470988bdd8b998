"""Proof of a password, and what it is worth when the password changes in between."""

import pytest
from argon2 import PasswordHasher, profiles
from sqlalchemy import update

from app.database import write_transaction
from app.models import Account
from app.services import accounts
from app.services.accounts import logins, passwords, registration, two_factor
from app.services.errors import Unauthenticated
from tests.services.conftest import PASSWORD


class CountingHasher(PasswordHasher):
    """Counts comparisons, with what they were compared with: time is too noisy to measure."""

    def __init__(self) -> None:
        cheap = profiles.CHEAPEST
        super().__init__(cheap.time_cost, cheap.memory_cost, cheap.parallelism, hash_len=16)
        self.compared_with: list[str] = []

    def verify(self, hash, password):
        self.compared_with.append(hash)
        return super().verify(hash, password)


def store_hash(account, password_hash):
    with write_transaction() as connection:
        connection.execute(
            update(Account).where(Account.id == account.id).values(password_hash=password_hash)
        )


def lock(proof):
    with write_transaction() as connection:
        return passwords.lock_account(connection, proof)


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_an_unknown_address_costs_one_comparison_of_the_same_parameters(
    make_app, settings, clock, email
):
    hasher = CountingHasher()
    with make_app(settings, clock=clock, password_hasher=hasher).app_context():
        accounts.create("alice@example.com", password=PASSWORD, now=clock())
        with pytest.raises(Unauthenticated):
            logins.log_in(email, password="wrong", client="web", now=clock())

    (compared_with,) = hasher.compared_with
    assert compared_with.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert not hasher.check_needs_rehash(compared_with)


def test_a_proof_is_worth_nothing_once_the_password_has_changed(alice):
    proof = passwords.prove(alice.id, password=PASSWORD)
    store_hash(alice, passwords.hashed("something else"))

    assert lock(proof) is None


def test_a_proof_holds_when_only_the_hash_was_renewed(alice):
    proof = passwords.prove(alice.id, password=PASSWORD)
    store_hash(alice, passwords.hashed(PASSWORD))

    assert lock(proof).id == alice.id


@pytest.mark.parametrize("unusable", ["!", "none fits", ""])
def test_no_password_fits_a_hash_that_is_none(alice, unusable):
    store_hash(alice, unusable)

    assert passwords.prove(alice.id, password=unusable or PASSWORD) is None


def test_nothing_that_holds_a_secret_prints_it(alice, clock):
    proof = passwords.prove(alice.id, password=PASSWORD)
    logged_in = logins.log_in(alice.email, password=PASSWORD, client="web", now=clock())
    enrolment = two_factor.enrol(alice.id, password=PASSWORD)
    application = registration.Application(email="b@c.de", password=PASSWORD, invitation="inv1te")
    issued = accounts.issue_token(alice.email, client="web", now=clock())
    printed = repr([proof, lock(proof), logged_in, enrolment, application, issued])

    secrets = [PASSWORD, logged_in.token, issued.token, enrolment.secret, "inv1te", "$argon2"]
    for secret in [*secrets, *enrolment.recovery_codes]:
        assert secret not in printed
