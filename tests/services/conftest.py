"""People with real, cheap passwords, for tests of services."""

import pytest

from app.services import accounts
from tests.conftest import MovableClock

PASSWORD = "correct horse battery"


@pytest.fixture
def alice(context: None, clock: MovableClock) -> accounts.AccountRow:
    return accounts.create("alice@example.com", password=PASSWORD, now=clock())
