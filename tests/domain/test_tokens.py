import hashlib
import re

import pytest

from app.domain.tokens import (
    UserToken,
    digest,
    digests_match,
    holds_token,
    is_project_token,
    new_project_token,
    new_secret,
    read_user_token,
    token_preview,
)

SECRET = "0123456789abcdef0123456789abcdef01234567"
PROJECT_TOKEN = f"pio_live_{SECRET}"


def test_a_new_project_token_is_a_prefix_and_40_lower_case_hex_digits():
    assert re.fullmatch(r"pio_live_[0-9a-f]{40}", new_project_token())


def test_a_new_secret_is_40_lower_case_hex_digits():
    assert re.fullmatch(r"[0-9a-f]{40}", new_secret())


def test_no_two_new_tokens_are_the_same():
    assert len({new_project_token() for _ in range(1000)}) == 1000


def test_a_new_project_token_is_recognised():
    assert is_project_token(new_project_token())


@pytest.mark.parametrize(
    "text",
    [
        "",
        SECRET,
        "pio_live_",
        PROJECT_TOKEN[:-1],
        PROJECT_TOKEN + "0",
        PROJECT_TOKEN.upper(),
        f"pio_live_{SECRET.upper()}",
        f"pio_test_{SECRET}",
        f" {PROJECT_TOKEN}",
        f"{PROJECT_TOKEN}\n",
        f"pio_live_{'g' * 40}",
        "pio_live_" + "\u0661" * 40,
    ],
)
def test_anything_else_is_no_project_token(text):
    assert not is_project_token(text)


def test_a_preview_shows_the_prefix_and_four_characters():
    assert token_preview(PROJECT_TOKEN) == "pio_live_0123..."


def test_a_user_token_is_an_id_and_a_secret():
    assert read_user_token(f"42|{SECRET}") == UserToken(id=42, secret=SECRET)


def test_the_highest_id_a_column_holds_is_read():
    assert read_user_token(f"{2**63 - 1}|{SECRET}") == UserToken(id=2**63 - 1, secret=SECRET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "|",
        SECRET,
        f"|{SECRET}",
        "42|",
        f"42|{SECRET[:-1]}",
        f"42|{SECRET}0",
        f"42|{SECRET.upper()}",
        f"42 | {SECRET}",
        f"42|{SECRET}\n",
        f"-1|{SECRET}",
        f"+1|{SECRET}",
        f"1_0|{SECRET}",
        f"\u0664\u0662|{SECRET}",
        f"{2**63}|{SECRET}",
        f"{'9' * 5000}|{SECRET}",
        f"042|{SECRET}",
        PROJECT_TOKEN,
    ],
)
def test_anything_else_is_no_user_token(text):
    assert read_user_token(text) is None


def test_a_digest_is_sha_256():
    assert digest("abc") == bytes.fromhex(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4's example
    )


def test_digests_of_one_secret_match():
    assert digests_match(digest(SECRET), hashlib.sha256(SECRET.encode()).digest())


def test_digests_of_two_secrets_do_not_match():
    assert not digests_match(digest(SECRET), digest(SECRET[::-1]))


@pytest.mark.parametrize(
    "text", [PROJECT_TOKEN, f"Shop {PROJECT_TOKEN}!", f"7|{SECRET}", f"pio_invite_{SECRET}"]
)
def test_a_token_is_found_where_somebody_pasted_it(text):
    assert holds_token(text)


@pytest.mark.parametrize("text", ["My app", "pio_live_", SECRET, f"commit {SECRET}", "1|2"])
def test_other_text_holds_no_token(text):
    assert not holds_token(text)
