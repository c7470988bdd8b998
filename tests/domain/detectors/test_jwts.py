import json
import re
from base64 import urlsafe_b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.detectors.escapes import Reading
from app.domain.detectors.jwts import jwt_spans
from tests.domain.personal_data import jwts, surroundings

HEADER = "eyJhbGciOiJIUzI1NiJ9"
PAYLOAD = "eyJzdWIiOiIxMjMifQ"
TOKEN = f"{HEADER}.{PAYLOAD}.c2lnbmF0dXJl"
UNSECURED = f"{HEADER}.{PAYLOAD}."


def found_in(text: str) -> list[str]:
    return [text[start:end] for start, end in jwt_spans(Reading(text))]


@given(surroundings, jwts, surroundings)
@example("eyJx.", TOKEN, "")
@example("eyJx.y.", UNSECURED, "")
@example("ey", TOKEN, ".z")
def test_header_and_payload_are_found_whatever_is_around(before, token, after):
    spans = jwt_spans(Reading(before + token + after))
    found = {place for start, end in spans for place in range(start, end)}
    assert found.issuperset(range(len(before), len(before) + token.rindex(".")))


@given(jwts)
def test_a_token_alone_is_found_whole(token):
    assert found_in(token) == [token]


@pytest.mark.parametrize(
    "text",
    [
        f"jwt={TOKEN};",
        f"Authorization: Bearer {TOKEN}",
        f'{{"token":"{TOKEN}"}}',
        f"https://app.example.com/login?token={TOKEN}&next=/",
        f"x{TOKEN}",
        f"é{TOKEN}é",
    ],
)
def test_a_token_is_found_glued_to_other_text(text):
    assert found_in(text) == [TOKEN]


def test_an_unsecured_token_is_found_with_its_last_dot():
    assert found_in(f"({UNSECURED})") == [UNSECURED]


@pytest.mark.parametrize("separator", [" ", ",", ".", "\n"])
def test_two_tokens_side_by_side_are_two(separator):
    assert found_in(TOKEN + separator + TOKEN) == [TOKEN, TOKEN]


def test_a_token_after_another_ones_first_part_is_found_with_it():
    assert found_in(f"{HEADER}.{TOKEN}") == [f"{HEADER}.{TOKEN}"]


@pytest.mark.parametrize(
    "text",
    [
        "eyJ",
        HEADER,
        f"{HEADER}.{PAYLOAD}",
        f"{HEADER} . {PAYLOAD} . c2lnbmF0dXJl",
        f"{HEADER}.\n{PAYLOAD}.\nc2lnbmF0dXJl",
        "EYJhbGciOiJIUzI1NiJ9.eyJzdWIi",
        "www.example.com",
        "1.2.3",
    ],
)
def test_fewer_than_three_parts_are_no_token(text):
    assert found_in(text) == []


def test_five_parts_are_one_token_also_when_the_header_names_no_encryption():
    assert found_in(f"({TOKEN}.Y2lwaGVy.dGFn)") == [f"{TOKEN}.Y2lwaGVy.dGFn"]


@given(
    st.lists(
        st.sampled_from(
            [*'{}[],:"\\ \t\n\x00\x0b0-1.5eé', '"alg"', '"alg":', '"x":', '"HS256"', "null", "NaN"]
            + ["-Infinity", "1e5", "01", "true", '"alg":"none",', '"enc":{', "\\u0061", "9" * 4301]
        ),
        max_size=9,
    ),
    st.sampled_from(["}", '"}', "]}", "}}", "} "]),
)
@example(['"alg":', "1"], "}")
@example(['"alg":', '"x"', '"'], '"}')
@example(['"x":', "{", '"alg":', "1"], "}}")
@example(['"alg":', "9" * 4301], "}")
def test_a_header_is_what_python_reads_as_an_object_with_alg(pieces, end):
    header = "{" + "".join(pieces) + end
    try:
        is_header = "alg" in json.loads(header) and re.search(r'"alg"\s*:', header) is not None
    except ValueError:
        is_header = False
    encoded = urlsafe_b64encode(header.encode()).decode().rstrip("=")
    is_long_enough = len(encoded) >= len("eyJhbGciOiIifQ")
    begins_as_one = header[1] in '" \t\n'
    found = jwt_spans(Reading(f"{encoded}.b.c")) == [(0, len(encoded) + 4)]
    assert found == (is_header and is_long_enough and begins_as_one)
