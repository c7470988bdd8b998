"""Garbage is collected between tests, now and then, and not within them.

Each test makes an app, which is much garbage, and Python would look through all tests and modules
for each of them: a quarter of a test's CPU.
"""

import gc
from itertools import count

TESTS_BETWEEN_COLLECTIONS = 100
# Of what tests make and do not let go by themselves; a few tests make as much as all others.
MOST_OBJECTS_BETWEEN_TESTS = 300_000
MOST_OBJECTS_WITHIN_A_TEST = 1_000_000
# Only what is young is looked at within a test; what stays is left for between them.
_NEVER = 1_000_000

_finished_tests = count(1)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(MOST_OBJECTS_WITHIN_A_TEST, _NEVER, _NEVER)


def pytest_runtest_logfinish() -> None:
    is_hundredth = next(_finished_tests) % TESTS_BETWEEN_COLLECTIONS == 0
    if is_hundredth or gc.get_count()[0] > MOST_OBJECTS_BETWEEN_TESTS:
        gc.collect()
        gc.freeze()  # or each collection would look again at all that the tests so far have left
