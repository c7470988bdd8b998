"""Who may register under which setting."""

import pytest

from app.domain.registration import RegistrationMode, may_register


@pytest.mark.parametrize(
    ("mode", "is_first", "is_invited", "may"),
    [
        ("first", True, False, True),
        ("first", False, False, False),
        ("first", False, True, True),
        ("open", False, False, True),
        ("closed", True, False, False),
        ("closed", False, True, False),
    ],
)
def test_the_setting_decides_who_may_register(mode, is_first, is_invited, may):
    mode = RegistrationMode(mode)

    assert may_register(mode, is_first=is_first, is_invited=is_invited) is may
