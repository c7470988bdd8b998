"""The issues of older versions go on being known, so their fingerprints never change."""

import hashlib

from app.domain.grouping.version_1 import fingerprint
from tests.domain.grouping.stack_traces import ONE_BUG
from tests.domain.grouping.two_bugs import TWO_BUGS

# Of all throws of the tables as they were on 2026-11-30, made by the version of that day.
MADE_THEN = "78b869037a910c0930facf7da4c710d56e35a00c3e9da311b84e42c49c8eef8f"


def test_fingerprints_are_those_that_were_made_then():
    digest = hashlib.sha256()
    for pairs in (ONE_BUG, TWO_BUGS):
        for throws in pairs.values():
            for throw in throws:
                digest.update(fingerprint(throw.type, stack=throw.stack, message=throw.message))
    assert digest.hexdigest() == MADE_THEN
