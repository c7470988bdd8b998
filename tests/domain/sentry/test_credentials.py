"""Keys in headers, queries and DSNs: all that are there must agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sentry.credentials import (
    Credentials,
    Dsn,
    NoCredentials,
    WrongCredentials,
    credentials,
    dsn_text,
    is_key,
    new_key,
    read_dsn,
)

KEY, OTHER = "a1b2c3d4e5f60718293a4b5c6d7e8f90", "0" * 32
PAIRS = ["sentry_version=7", "sentry_client=x/1.0", "sentry_timestamp=1.5", "sentry_secret=ff"]
TEXTS = st.text(max_size=60) | st.from_regex(r"[Ss]entry (sentry_key=\w*,? ?){0,3}", fullmatch=True)


@given(
    others=st.permutations(PAIRS),
    place=st.integers(0, len(PAIRS)),
    comma=st.sampled_from([",", ", ", " , "]),
    scheme=st.sampled_from(["Sentry ", "sentry ", "SENTRY  ", ""]),
)
def test_key_is_found_in_any_order_with_and_without_blanks(others, place, comma, scheme):
    pairs = [*others[:place], f"sentry_key={KEY}", *others[place:]]
    header = scheme + comma.join(pairs)
    assert credentials(7, x_sentry_auth=header).required_key() == KEY


@pytest.mark.parametrize("key", [KEY, "pio_live_Abc123"])
@pytest.mark.parametrize(
    "place",
    [
        lambda key: {"x_sentry_auth": f"Sentry sentry_key={key}"},
        lambda key: {"authorization": f"Sentry sentry_key={key}"},
        lambda key: {"query_keys": [key]},
    ],
)
def test_each_place_alone_is_enough(place, key):
    assert credentials(7, **place(key)).required_key() == key


def test_dsn_alone_is_enough():
    dsn = f"http://{KEY}@127.0.0.1:8110/7"
    assert credentials(7).with_dsn(dsn).required_key() == KEY


@pytest.mark.parametrize(
    "others",
    [
        {"x_sentry_auth": f"Sentry sentry_key={OTHER}"},
        {"x_sentry_auth": f"Sentry sentry_key={KEY},sentry_key={OTHER}"},
        {"x_sentry_auth": "Sentry sentry_key="},
        {"authorization": f"Sentry sentry_key={OTHER}"},
        {"query_keys": [KEY, OTHER]},
        {"query_keys": [f"{KEY}'--"]},
        {"query_keys": ["k" * 201]},
    ],
)
def test_places_that_disagree_are_wrong(others):
    with pytest.raises(WrongCredentials):
        credentials(7, **{"query_keys": [KEY], **others})


def test_authorization_of_another_scheme_is_not_ours():
    given_to_proxy = credentials(7, authorization="Basic c2VudHJ5", query_keys=[KEY])
    assert given_to_proxy.required_key() == KEY


@pytest.mark.parametrize(
    "dsn",
    [
        f"http://{OTHER}@host/7",
        f"http://{KEY}@host/8",
        f"http://{KEY}@host/",
        f"http://{KEY}@host/shop",
        f"{KEY}@host/7",
        7,
        {"key": KEY},
    ],
)
def test_dsn_that_disagrees_is_wrong(dsn):
    with pytest.raises(WrongCredentials):
        credentials(7, query_keys=[KEY]).with_dsn(dsn)


@pytest.mark.parametrize("dsn", [None, ""])
def test_dsn_that_says_nothing_takes_nothing_away(dsn):
    known = credentials(7, query_keys=[KEY])
    assert known.with_dsn(dsn) == known == Credentials(project_id=7, key=KEY)


@pytest.mark.parametrize(
    ("text", "dsn"),
    [
        (f"https://{KEY}@errors.example.com/7", Dsn(KEY, 7)),
        (f"HTTPS://{KEY}@errors.example.com:8000/7/", Dsn(KEY, 7)),
        (f"https://{KEY}:5ec2e7@errors.example.com/7", Dsn(KEY, 7)),
        (f"https://{KEY}@errors.example.com/with/prefix/07", Dsn(KEY, 7)),
        (f"http://{KEY}@[::1]:8000/7", Dsn(KEY, 7)),
        ("https://pio_live_Abc@host/7", Dsn("pio_live_Abc", 7)),
        (f"https://{KEY}@host/{'9' * 400}", None),
        (f"https://{KEY}@host/7?x=1", None),
        (f"https://{KEY}@host/\u0667", None),
        (f"https://{KEY}@host /7", None),
        ("https://@host/7", None),
        ("https://host/7", None),
    ],
)
def test_dsn_is_read_as_sdks_read_it(text, dsn):
    assert read_dsn(text) == dsn


def test_nobody_is_told_which_part_was_wrong():
    said = set()
    for wrong in (f"http://{OTHER}@host/7", f"http://{KEY}@host/8", "nonsense"):
        with pytest.raises(WrongCredentials) as caught:
            credentials(7, query_keys=[KEY]).with_dsn(wrong)
        said.add(str(caught.value))
    with pytest.raises(WrongCredentials) as caught:
        credentials(7, query_keys=[KEY, OTHER])
    assert said == {str(caught.value)}


def test_without_any_key_there_are_no_credentials():
    with pytest.raises(NoCredentials):
        credentials(7, x_sentry_auth="Sentry sentry_version=7").required_key()


@given(header=TEXTS, authorization=TEXTS, keys=st.lists(TEXTS, max_size=3), dsn=TEXTS)
def test_any_texts_are_a_key_or_one_of_two_errors(header, authorization, keys, dsn):
    try:
        around = credentials(7, x_sentry_auth=header, authorization=authorization, query_keys=keys)
        assert around.with_dsn(dsn).required_key()
    except (NoCredentials, WrongCredentials) as error:
        assert str(error)


@pytest.mark.parametrize("filler", ["/", "a/", "@", "7", ":"])
def test_long_dsn_costs_no_more_than_its_length(filler):
    assert read_dsn(f"https://{KEY}@h/{filler * 900}x") is None


@given(
    base=st.sampled_from(["https://feedback.example.com", "http://localhost:5000/prefix/deep"]),
    project_id=st.integers(1, 2**63 - 1),
)
def test_dsn_that_is_shown_is_read_as_what_it_was_made_of(base, project_id):
    key = new_key()
    assert is_key(key)
    assert read_dsn(dsn_text(base, key=key, project_id=project_id)) == Dsn(key, project_id)
