"""What stands for a user in the figures."""

import pytest

from app.domain.user_key import USER_KEY_BYTES, user_key

IDS = ["1", "2", "user-1", "USER-1", "user-1 ", "jo@example.com", "é", "e\u0301", "😅", "x" * 200]


def test_equal_ids_have_equal_keys():
    assert user_key("user-1") == user_key("user-1")


def test_different_ids_have_different_keys():
    assert len({user_key(each) for each in IDS}) == len(IDS)


@pytest.mark.parametrize("user_id", IDS)
def test_key_fits_its_column_whatever_the_id(user_id):
    assert len(user_key(user_id)) == USER_KEY_BYTES == 16


def test_id_cannot_be_read_from_the_key():
    assert b"jo" not in user_key("jo@example.com")


def test_key_is_the_same_on_every_host_and_for_ever():
    # From `printf user-1 | sha256sum`: another value would make every known user a new one.
    assert user_key("user-1").hex() == "c6c289e49e9c05b2145860387b73bcb1"
