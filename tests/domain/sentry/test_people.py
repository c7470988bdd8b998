"""Whose report it is, as far as it may be known."""

import pytest

from app.domain.sentry.people import did_key, user_id_anon, user_key_of
from app.domain.user_key import user_key


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({"id": "u-77", "email": "a@b.co"}, "u-77"),
        ({"id": 77}, "77"),
        ({"id": "a@b.co"}, None),
        ({"id": "00000000-0000-0000-0000-000000000000"}, None),
        ({"email": "a@b.co", "username": "al"}, None),
        ({"id": {"x": 1}}, None),
        (None, None),
        ([], None),
    ],
)
def test_only_an_id_is_told_of_a_person(user, told):
    assert user_id_anon(user) == told


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({"id": "u-77", "email": "a@b.co"}, "u-77"),
        ({"id": "", "email": "a@b.co", "username": "al"}, "a@b.co"),
        ({"id": "00000000-0000-0000-0000-000000000000", "username": "al"}, "al"),
    ],
)
def test_person_of_a_report_is_the_person_of_the_session(user, told):
    assert user_key_of(user) == did_key(told) == user_key(told)


@pytest.mark.parametrize("user", [None, {}, {"id": None}, {"ip_address": "203.0.113.9"}, "al"])
def test_nobody_has_no_key(user):
    assert user_key_of(user) is None
