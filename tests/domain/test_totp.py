"""Time-based codes, against the vectors of RFC 6238 and around a step's edges."""

import base64
from datetime import UTC, datetime

import pytest

from app.domain import totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_of_the_rfc_match_their_own_step(seconds, code):
    moment = datetime.fromtimestamp(seconds, UTC)

    assert totp.matching_step(RFC_SECRET, code, now=moment) == seconds // 30


@pytest.mark.parametrize(
    ("seconds_off", "matches"), [(-31, False), (-30, True), (0, True), (59, True), (60, False)]
)
def test_a_code_is_good_for_its_step_and_one_to_either_side(seconds_off, matches):
    step = 1111111109 // 30
    moment = datetime.fromtimestamp(step * 30 + seconds_off, UTC)

    assert (totp.matching_step(RFC_SECRET, "081804", now=moment) == step) is matches


def test_a_code_may_be_typed_in_groups():
    moment = datetime.fromtimestamp(59, UTC)

    assert totp.matching_step(RFC_SECRET, " 287 082", now=moment) == 1


@pytest.mark.parametrize("code", ["", "28708", "2870820", "28708x", "２８７０８２", "-87082"])
def test_what_is_not_six_digits_never_matches(code):
    assert totp.matching_step(RFC_SECRET, code, now=datetime.fromtimestamp(59, UTC)) is None


def test_the_uri_names_the_account_and_keeps_odd_letters_apart():
    uri = totp.provisioning_uri(RFC_SECRET, email='"a&b?"@example.com')

    assert uri.count("?") == 1
    assert f"secret={RFC_SECRET}" in uri
