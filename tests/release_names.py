"""Names of releases as apps may send them: the same ones on every run, for API and console."""

import random

from app.domain.field_limits import LABEL_MAX_CHARS
from app.domain.text import bare_name

# What no path can say: an address ends there, or a proxy or a browser makes another of it.
NOT_IN_A_PATH = [
    "/",
    "//",
    "a/verdict",
    "verdict/verdict",
    ".",
    "..",
    "../..",
    "a/../b",
    "./a",
    "a/.",
]
PIECES = [
    *(
        "/",
        ".",
        "..",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "%",
        "%2F",
        "%0A",
        "%25",
        "?",
        "#",
        "&",
        "=",
        "+",
        " ",
    ),
    *(";", ":", "@", "\\", '"', "'", "<", ">", "{{", "&amp;", "&#10;", "verdict", "release-health"),
    *(
        "1.4.2",
        "v",
        "-beta.3",
        "main",
        "版",
        "Ж",
        "é",
        "e\u0301",
        "ש",
        "\u202e",
        "😅",
        "👩\u200d👧",
        "❤\ufe0f",
    ),
    *("\x1b", "\x85", "\u2028", "\ufffd", "\uffff", "\U0010ffff"),
]


def odd_names(count: int = 40) -> list[str]:
    """Each is as the service stores it."""
    chance = random.Random(2026)
    made = ["".join(chance.choices(PIECES, k=chance.randint(1, 9))) for _ in range(count)]
    long = ["x" * LABEL_MAX_CHARS, "😅" * LABEL_MAX_CHARS, "%" * LABEL_MAX_CHARS, "a\n" * 99 + "b"]
    names = [*NOT_IN_A_PATH, "a\nb", "a\rb", "a\r\nb", "100%", "%0A", "a?b#c&d=e", *long, *made]
    kept = (bare_name(name[:LABEL_MAX_CHARS]) for name in names)
    return list(dict.fromkeys(filter(None, kept)))
