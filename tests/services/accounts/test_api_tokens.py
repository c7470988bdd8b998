"""Tokens for scripts: what they may be called, how long they live, and what logins do to them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.token_access import TokenAccess
from app.services import accounts
from app.services.accounts import api_tokens, logins, user_tokens
from app.services.errors import Invalid, Unauthenticated

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def alice(context, clock):
    return accounts.create("alice@example.com", password=PASSWORD, now=clock())


@pytest.fixture
def make(alice, clock):
    def token(name="Report", *, account_id=alice.id, expires_in_days=None, read_only=False):
        return api_tokens.make(
            account_id,
            name,
            expires_in_days=expires_in_days,
            read_only=read_only,
            now=clock(),
        )

    return token


@pytest.mark.parametrize("client", ["cli", "mobile", "web", "console", "console:Firefox"])
def test_login_of_the_same_name_keeps_them(make, alice, clock, client):
    made = make(client)
    for _ in range(2):
        logins.log_in(alice.email, password=PASSWORD, client=client, now=clock())
        clock.advance(days=31)  # browsers that are older are replaced

    kinds = [row.kind for row in user_tokens.list_of(alice.id)]
    assert kinds == ["api", "login"]
    assert accounts.authenticate(made.token).access == TokenAccess.WRITE


def test_days_are_counted_from_now(make, alice, clock):
    made = make(expires_in_days=7, read_only=True)

    bearer = accounts.authenticate(made.token)
    assert (bearer.expires_at - clock()).days == 7
    assert bearer.access == TokenAccess.READ


@pytest.mark.parametrize("days", [0, -1, api_tokens.MAX_DAYS + 1, 2**63])
def test_days_out_of_range_are_refused(make, days):
    with pytest.raises(Invalid, match="from 1 to 3650") as refused:
        make(expires_in_days=days)
    assert refused.value.field == "expires_in_days"


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(around=st.tuples(st.text(max_size=5), st.text(max_size=5)))
def test_no_name_holds_an_address(make, around):
    with pytest.raises(Invalid, match="The name may hold"):
        make("a@b.example".join(around))


def test_there_is_an_end_to_them(make, make_account, alice, monkeypatch):
    monkeypatch.setattr(api_tokens, "MAX_TOKENS", 2)
    first = make()
    make()
    with pytest.raises(Invalid, match="at most 2 API tokens"):
        make()
    make(account_id=make_account("bob@example.com").id)  # counted apart
    user_tokens.revoke(first.id, account_id=alice.id)
    make()


def test_account_that_has_just_gone_gets_none(make, alice):
    with pytest.raises(Unauthenticated):
        make(account_id=alice.id + 1)


def test_secret_is_in_no_representation(make):
    made = make()
    assert made.token not in repr(made)
