"""Files by their first bytes, and names that do no harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sentry.attachments import LOOKED_AT_BYTES, FileKind, file_name, kind_of

BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": FileKind.PNG,
    b"\xff\xd8\xff\xe0": FileKind.JPEG,
    b"GIF89a": FileKind.GIF,
    b"GIF87a": FileKind.GIF,
    b"RIFF\x10\0\0\0WEBPVP8 ": FileKind.WEBP,
}


@given(beginning=st.sampled_from(list(BEGINNINGS)), rest=st.binary(max_size=50))
def test_pictures_are_known_by_their_first_bytes(beginning, rest):
    assert kind_of(beginning + rest) is BEGINNINGS[beginning]


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_text_is_text(text):
    assert kind_of(text.encode()) is FileKind.TEXT


def test_character_that_is_cut_in_two_is_text():
    assert (
        kind_of(b"x" + ("\u00e4" * LOOKED_AT_BYTES).encode()[: LOOKED_AT_BYTES - 1])
        is FileKind.TEXT
    )
    assert kind_of(b"x\xc3") is None


@pytest.mark.parametrize(
    "body",
    [b"MZ\x90\0\3", b"\0asm", b"%PDF-1.7\n\x80", b"MDMP\x93\xa7", b"RIFF\x10\0\0\0WAVE", b"\x1b\0"],
)
def test_all_else_is_not_kept(body):
    assert kind_of(body) is None


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("shot.png", "shot.png"),
        ("/etc/../shot.png", "shot.png"),
        ("C:\\Users\\al\\shot.png", "shot.png"),
        ("sh\u202eot\r\n.png", "shot.png"),
        ("x" * 200 + ".png", "x" * 116 + ".png"),
        ("x" * 200, "x" * 120),
        ("..", "attachment"),
        ("a/", "attachment"),
        (None, "attachment"),
        ({}, "attachment"),
    ],
)
def test_name_is_the_last_part_of_a_path(told, name):
    assert file_name(told) == name


@given(told=st.text(st.characters()))
def test_no_name_acts_on_a_header(told):
    name = file_name(told)
    assert 0 < len(name) <= 120
    assert not set(name) & set("/\\\r\n\0")
    name.encode()
