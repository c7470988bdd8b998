from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.domain.detectors.emails import email_spans
from app.domain.detectors.escapes import Reading
from app.domain.scrubber import scrub
from tests.domain.personal_data import (
    addresses,
    quoted_addresses,
    surroundings,
    surroundings_behind_addresses,
)


def places(text: str) -> list[tuple[int, int]]:
    reading = Reading(text)
    return reading.places(email_spans(reading))


def found_in(text: str) -> list[str]:
    return [text[start:end] for start, end in places(text)]


def covered(text: str) -> set[int]:
    return {place for start, end in places(text) for place in range(start, end)}


@given(surroundings, addresses, surroundings_behind_addresses)
@example("_", "_a@b.co", "__")
@example("a@b.c", "d@e.fr", "")
def test_no_letter_of_a_local_part_is_left_out_whatever_is_around(before, address, after):
    # Inside a URL or a table, and behind what an address is called, signs end a local part.
    assume(not set("=|/?#&").intersection(before[-1:] + address[: address.index("@")]))
    assume("://" not in before)
    local_part = enumerate(address[: address.index("@")], start=len(before))
    letters = {place for place, character in local_part if character.isalnum()}
    assert letters <= covered(before + address + after)


@given(surroundings, quoted_addresses, surroundings_behind_addresses)
@example("\\", '"john doe"@example.com', "")
@example('"hi"\n\\', '"john doe"@example.com', "")
@example('say "hi" ', '"john doe"@example.com', "")
@example("", '"a\\"b@c.de"@example.com', "")
def test_a_quoted_local_part_is_found_whole_whatever_is_around(before, address, after):
    found = covered(before + address + after)
    assert found.issuperset(range(len(before), len(before) + len(address)))


@given(addresses)
def test_an_address_in_brackets_is_found_whole_without_them(address):
    assume(not set("=/?#&").intersection(address[: address.index("@")]))
    assert found_in(f"({address})") == [address]


# A list of mail keeps addresses in local parts (`jo=example.de@…`), so these end in no domain.
PLAIN = st.from_regex(
    r"[a-z0-9][a-z0-9+_-]{0,8}(\.[a-z0-9+_-]{0,4}[0-9])?@[a-z]{1,8}\.(com|de)", fullmatch=True
)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,10}", fullmatch=True)
AROUND = st.one_of(
    st.tuples(NAMES.map("{}=".format), st.sampled_from([" ", ",", ";", "&x=1", "\n", ")"])),
    st.tuples(NAMES.map("--{}=".format), st.just(" ")),
    st.tuples(NAMES.map("a=1&{}=".format), st.just("&b=2")),
    st.tuples(NAMES.map("user[{}]=".format), st.just("&")),
    st.tuples(NAMES.map("{}='".format), st.just("'")),
    st.tuples(NAMES.map('{}="'.format), st.just('"')),
    st.tuples(NAMES.map("{{{}=".format), st.just(", x}")),
    st.tuples(NAMES.map("{} => ".format), st.just(",")),
    st.tuples(NAMES.map("GET /{}/".format), st.sampled_from([" 500", "/orders", "?x=1"])),
    st.tuples(NAMES.map("?{}=".format), st.just("&x")),
    st.tuples(NAMES.map("| {} |".format), st.just("| x |")),
    st.tuples(NAMES.map("{}|".format), st.just("|x")),
    st.tuples(st.just("a@b.co"), st.just("")).flatmap(
        lambda pair: st.sampled_from("|/&*~^").map(lambda sign: (f"{pair[0]}{sign}", ""))
    ),
)
ENCODINGS = ("@", "%40", "%2540", "&#64;", "&#x40;", "&commat;", "\\u0040", "\uff20")


@pytest.mark.parametrize("at", ENCODINGS)
@given(AROUND, PLAIN)
def test_what_an_address_is_called_and_what_separates_it_stays(at, around, address):
    before, after = around
    written = address.replace("@", at)
    start, end = len(before), len(before) + len(written)
    assert (start, end) in places(before + written + after)


@pytest.mark.parametrize(
    "address",
    ["bounce+jo=example.com@lists.example.org", "jo=example.de@b.co", "a/b=c@example.com"],
)
def test_an_equals_sign_within_a_local_part_belongs_to_it(address):
    assert found_in(f"from {address} on") == [address]


@given(st.text("abc%", max_size=5), st.integers(0, 0x7F), PLAIN.map(lambda a: a.partition("@")[2]))
def test_an_escape_before_the_sign_hides_no_address(before, code, domain):
    written = f"{before}%{code:02x}@{domain}"
    assert domain not in scrub(f"x {written} y")


def test_a_list_of_addresses_behind_escapes_is_gone():
    assert "@" not in scrub(", ".join(f"jo%{code:02x}@b{code}.co" for code in range(128)))


@pytest.mark.parametrize(
    "version", ["5.4.1.Final", "1.2.3.RELEASE", "v2.0.1.beta", "18.3.0-canary.x"]
)
def test_a_version_is_no_domain(version):
    assert found_in(f"app@{version} is out") == []


def test_a_domain_whose_first_labels_are_numbers_is_one():
    assert found_in("to jo@192.168.1.1.nip.io now") == ["jo@192.168.1.1.nip.io"]


@pytest.mark.parametrize(
    "address",
    [
        "alice@example.com",
        "ALICE@EXAMPLE.COM",
        "a@b.co",
        "alice.b.smith@mail.example.co.uk",
        "alice+shop@example.com",
        "o'brien@example.com",
        "!#$%&'*+-/=?^_`{|}~@example.com",
        "alice@my-host.example.com",
        "alice@my_host.example.com",
        "alice@1und1.de",
        "alice@xn--bcher-kva.example",
        "alice@col\u00b7legi.cat",
        "用户@例え.jp",
        "josé@mañana.es",
        "δοκιμή@παράδειγμα.δοκιμή",
        "संपर्क@डाटामेल.भारत",
        '"john doe"@example.com',
        '"a@b"@example.com',
        '"\\"\\\\"@example.com',
        f"{'a' * 5000}@example.com",
    ],
)
def test_addresses_are_found_whole(address):
    assert found_in(f"Write to {address} today") == [address]


def test_an_apostrophe_as_phones_type_it_belongs_to_the_local_part():
    assert found_in("Write to o\u2019brien@example.com") == ["o\u2019brien@example.com"]


@pytest.mark.parametrize(
    "text",
    [
        "alice@example.com.",
        "alice@example.com...",
        "(alice@example.com)",
        "<alice@example.com>",
        "mailto:alice@example.com?subject=Hello",
        "[alice@example.com](mailto)",
        '"alice@example.com"',
        "'alice@example.com'",
        "`alice@example.com`",
        "\u201calice@example.com\u201d",
        "\u2018alice@example.com\u2019",
        "\u00abalice@example.com\u00bb",
        "**alice@example.com**",
        "__alice@example.com__",
        "~~alice@example.com~~",
        "{alice@example.com}",
        "|alice@example.com|",
        "/alice@example.com/",
        "...alice@example.com",
        "alice@example.com, who wrote",
        "alice@example.com;",
        "alice@example.com:",
        "alice@example.com!",
        "alice@example.com\u2026",
        "alice@example.com\u3002",
        "alice@example.com--",
        "alice@example.com/inbox",
        "https://example.com/?email=alice@example.com&page=1",
        "https://example.com/users/alice@example.com",
        "phaniste://order/42?from=alice@example.com#top",
    ],
)
def test_what_stands_around_an_address_is_no_part_of_it(text):
    assert found_in(text) == ["alice@example.com"]


@pytest.mark.parametrize("after", ["\U0001f44d", "\u2764\ufe0f", "谢谢", "まで", "입니다"])
def test_an_emoji_or_a_script_without_spaces_after_an_address_is_no_part_of_it(after):
    assert found_in(f"alice@example.com{after}") == ["alice@example.com"]


@given(st.text('ab@./_"', max_size=20).filter(lambda text: '"@' not in text))
@example("a@b.co/c@d.org")
def test_no_address_begins_inside_the_one_before(text):
    assert all(end <= start for (_, end), (start, _) in pairwise(email_spans(Reading(text))))


def test_a_quoted_local_part_does_not_reach_back_over_a_line():
    assert found_in('She said "no\n"@example.com') == []


@pytest.mark.parametrize("separator", [" ", ",", ";", "\n", "<", " or "])
def test_two_addresses_side_by_side_are_two(separator):
    assert found_in(f"a@b.co{separator}c@d.org") == ["a@b.co", "c@d.org"]


@pytest.mark.parametrize(
    "text",
    [
        "@",
        "user@",
        "user@.",
        "@home",
        "@alice.bob",
        "user@localhost",
        "v1.2.3@main",
        "react@18.2.0",
        "react@18.2.0.",
        "@types/node@20.1.0",
        "node_modules/react@18.2.0/index.js",
        "user@192.168.0.1",
        "user@ example.com",
        "user @example.com",
        "user@.com",
        "user@example..com",
        "user@example.",
        "...@example.com",
        "user@@example.com",
        "alice at example.com",
    ],
)
def test_without_a_local_part_and_a_dotted_domain_it_is_no_address(text):
    assert found_in(text) == []


def test_a_percent_sign_that_is_no_escape_makes_no_link_of_what_follows():
    assert found_in("%41% a/jo@b.co") == ["a/jo@b.co"]
