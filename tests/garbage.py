"""Garbage is collected between tests, now and then, and not within them.

Each test makes an app, which is much garbage, and Python would look through all tests and modules
for each of them: a quarter of a test's CPU.
"""

import gc
from itertools import count

TESTS_BETWEEN_COLLECTIONS = 100

_finished_tests = count(1)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.disable()


def pytest_runtest_logfinish() -> None:
    if next(_finished_tests) % TESTS_BETWEEN_COLLECTIONS == 0:
        gc.collect()
        gc.freeze()  # or each collection would look again at all that the tests so far have left
