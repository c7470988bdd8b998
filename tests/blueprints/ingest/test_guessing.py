"""Tokens cannot be guessed at speed: unknown ones are limited for each address."""

import itertools

import pytest

ALLOWED = 60
UNKNOWN = "pio_live_" + "0" * 40

pytestmark = pytest.mark.usefixtures("wall_clock")


def test_61st_unknown_token_in_a_minute_from_one_address_is_refused(statuses):
    assert statuses(ALLOWED, token=UNKNOWN) == {401}
    assert statuses(1, token=UNKNOWN) == {429}


def test_refusal_tells_when_to_come_back(statuses, post_feedback, wall_clock):
    statuses(ALLOWED, token=UNKNOWN)
    wall_clock.shift(10.5)
    response = post_feedback(token=UNKNOWN)
    assert response.headers["Retry-After"] == "50"
    assert response.headers["X-RateLimit-Limit"] == "60"


def test_good_token_from_the_same_address_still_works(statuses):
    statuses(ALLOWED + 1, token=UNKNOWN)
    assert statuses(100) == {202}


def test_other_addresses_are_not_refused(statuses):
    statuses(ALLOWED + 1, token=UNKNOWN, address="192.0.2.1")
    assert statuses(1, token=UNKNOWN, address="192.0.2.2") == {401}


def test_another_token_each_time_does_not_help(post_feedback):
    guesses = (f"pio_live_{n:040x}" for n in itertools.count())
    answers = [post_feedback(token=next(guesses)).status_code for _ in range(61)]
    assert answers == [401] * 60 + [429]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_claiming_another_address_each_time_does_not_help(post_feedback, header):
    addresses = (f"198.51.100.{n}" for n in range(61))
    answers = [
        post_feedback(token=UNKNOWN, headers={header: address}).status_code for address in addresses
    ]
    assert answers == [401] * 60 + [429]


def test_another_spelling_of_the_address_does_not_help(statuses):
    statuses(ALLOWED, token=UNKNOWN, address="192.0.2.1")
    assert statuses(1, token=UNKNOWN, address="::ffff:192.0.2.1") == {429}


def test_it_ends_after_a_minute(statuses, wall_clock):
    statuses(ALLOWED + 1, token=UNKNOWN)
    wall_clock.shift(60.1)
    assert statuses(1, token=UNKNOWN) == {401}


def test_good_tokens_do_not_use_up_the_guesses(statuses):
    statuses(100)
    assert statuses(1, token=UNKNOWN) == {401}
