"""How REGISTRATION is read."""

import pytest

from app.config import ConfigurationError, read_settings
from app.domain.registration import RegistrationMode

pytestmark = pytest.mark.sqlite_only("no query is made")


@pytest.mark.parametrize("mode", RegistrationMode)
def test_every_mode_can_be_set_in_either_case(mode):
    assert read_settings({"REGISTRATION": mode.upper()}).registration == mode


def test_unset_it_admits_the_first_account_only():
    assert read_settings({}).registration == RegistrationMode.FIRST


def test_another_word_stops_the_start_and_names_the_three():
    with pytest.raises(ConfigurationError, match="first, open or closed, not 'public'"):
        read_settings({"REGISTRATION": "public"})
