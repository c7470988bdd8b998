import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.client_address import address_hash, canonical_address, subscriber

KEY = b"a key for tests"


@pytest.mark.parametrize(
    "spelling, canonical",
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1%eth0", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::192.0.2.1", "::c000:201"),  # the deprecated "compatible" form is an address of its own
    ],
)
def test_an_address_has_one_spelling(spelling, canonical):
    assert canonical_address(spelling) == canonical


@pytest.mark.parametrize(
    "peer",
    [
        "",
        "unix:",
        "/run/pionne.sock",
        "100%",
    ],
)
def test_what_is_no_address_stays_as_it_is(peer):
    assert canonical_address(peer) == peer


@given(st.ip_addresses(v=4))
def test_a_client_keeps_its_hash_when_its_ipv4_address_comes_mapped(address):
    assert address_hash(f"::ffff:{address}", key=KEY) == address_hash(str(address), key=KEY)


@given(st.ip_addresses(v=6))
def test_a_client_keeps_its_hash_however_its_ipv6_address_is_spelled(address):
    assert address_hash(address.exploded.upper(), key=KEY) == address_hash(str(address), key=KEY)


def test_the_hash_is_hmac_sha_256_of_the_canonical_address():
    expected = hmac.new(KEY, b"192.0.2.1", "sha256").digest()
    assert address_hash("::ffff:192.0.2.1", key=KEY) == expected


def test_another_key_gives_another_hash():
    assert address_hash("192.0.2.1", key=KEY) != address_hash("192.0.2.1", key=b"another")


def test_another_address_gives_another_hash():
    assert address_hash("192.0.2.1", key=KEY) != address_hash("192.0.2.2", key=KEY)


@pytest.mark.parametrize(
    ("raw", "address"),
    [("192.0.2.1:5555", "192.0.2.1"), ("[2001:db8::1]:443", "2001:db8::1"), ("[::1]", "::1")],
)
def test_port_that_a_proxy_appended_is_no_part_of_the_address(raw, address):
    assert canonical_address(raw) == address


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1::5", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::9", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::5", "2001:db8:0:2::/64"),
        ("", ""),
    ],
)
def test_subscriber_is_what_cannot_be_changed_at_will(raw, expected):
    assert subscriber(raw) == expected
