"""Sizes in words."""

import pytest

from app.domain.byte_sizes import in_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (1290, "1.2 kB"),
        (999_999, "999 kB"),
        (200_000_000, "200 MB"),
        (17_250_000_000, "17.2 GB"),
        (10**15, "1000 TB"),
    ],
)
def test_size_in_words(size, words):
    assert in_words(size) == words
