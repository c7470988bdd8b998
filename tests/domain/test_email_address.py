import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.email_address import is_valid_by_library, is_valid_email


@pytest.mark.parametrize(
    "address",
    [
        "alice@example.com",
        "ALICE@EXAMPLE.COM",
        "a@b",
        "alice.smith+shop@mail.example.co.uk",
        "!#$%&'*+-/=?^_`{|}~@example.com",
        '"john doe"@example.com',
        '"a@b"@example.com',
        '"\\""@example.com',
        "用户@例え.jp",
        "josé@mañana.es",
        "alice@xn--bcher-kva.example",
        "alice@[192.0.2.1]",
        "alice@[IPv6:2001:db8::1]",
        f"{'a' * 100}@example.com",
    ],
)
def test_rfc_valid_addresses_are_valid(address):
    assert is_valid_email(address)


@pytest.mark.parametrize(
    "address",
    ["user@localhost", "root@printer.local", "a@host.test", "a@example.invalid", "a@abc.onion"],
)
def test_a_domain_that_no_dns_holds_is_valid(address):
    assert is_valid_email(address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "alice",
        "alice@",
        "@example.com",
        "alice@@example.com",
        "alice smith@example.com",
        "alice@exa mple.com",
        "alice@example.com\n",
        " alice@example.com",
        "alice@example.com, bob@example.com",
        "Alice <alice@example.com>",
        ".alice@example.com",
        "alice.@example.com",
        "alice..smith@example.com",
        '"alice@example.com',
        "alice@.example.com",
        "alice@example..com",
        "alice@-example.com",
        f"alice@{'a' * 64}.com",
        "alice@[192.0.2.256]",
        "alice\x00@example.com",
        "alice@\ud800.com",
    ],
)
def test_anything_else_is_not_valid(text):
    assert not is_valid_email(text)


@given(st.emails())
def test_every_ordinary_address_is_valid(address):
    assert is_valid_email(address)


@given(st.text() | st.builds("{}@{}".format, st.text(min_size=1), st.text(min_size=1)))
def test_any_text_gets_an_answer(text):
    assert is_valid_email(text) in (True, False)


_ALMOST_PLAIN = st.from_regex(
    r"[A-Za-z0-9_.+-]{1,32}@([A-Za-z0-9-]{1,4}\.){1,3}[A-Za-z0-9]{1,22}", fullmatch=True
)


@given(_ALMOST_PLAIN)
def test_the_quick_look_says_what_the_library_says(address):
    assert is_valid_email(address) == is_valid_by_library(address)


@pytest.mark.parametrize(
    "address",
    [
        "jo(work)@example.com",
        "(c)jo@example.com",
        "jo@(c)example.com",
        "jo@example.com(c)",
        "jo(one(two)three)@example.com",
        "jo(a \\) b)@example.com",
        "(a)(b)jo(c)@(d)example.com(e)",
        '"jo(no comment)"@example.com',
    ],
)
def test_comments_are_valid(address):
    assert is_valid_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "jo(work@example.com",
        "jo)work(@example.com",
        "jo(a)hn@example.com",
        "jo@exam(c)ple.com",
        "(jo@example.com)",
        "jo@(example.com)",
        "(c)@example.com",
        "jo(c)",
        "jo(a\\)@example.com",
    ],
)
def test_a_comment_elsewhere_or_without_an_end_is_invalid(address):
    assert not is_valid_email(address)
