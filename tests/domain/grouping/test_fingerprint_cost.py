"""The time of a fingerprint grows with the stack's lines, not with their square."""

import pytest

from app.domain.grouping.fingerprint import grounds
from tests.domain.growth import filled, grows_linearly

# What each pattern of frames repeats, and what begins or ends it.
REPEATED = [
    *(" ", "\t", "a", "@", ":", "1", ":1", ":1:1", "(", ")", " (", " (package:", "/", "-", "$1"),
    *("async ", "a*", "new ", "Object.", " [as ", "]", "{closure", "{closure}", "anonymous "),
    *("-A1b2C3d", "-Aaaa", ".1a2b3c", "?", "#", "?\n", "0x0 ", "index 0", "#0 ", "at ", "a.b"),
    *("::", "<a>::", "(anonymous namespace)::", "closure #1 ", "@objc ", "a#1}", "__1"),
]
FRAMES = ["{}", "#0 {}", "#0 {}x", "at {}", "at f ({})", "at {} (a.js:1:2)", "f@{}", "{}@a.js:1:2"]
FRAMES += [
    "#0 a ({})",
    "#0 {} (package:a/b.dart:1:2)",
    "#0 a: {}(b",
    "#0 {}(1): f(",
    "at {}(A.kt:1)",
    "at a::{}",
    "at {}::b(c) (a.cpp:1)",
    "{} () (at a.cs:1)",
    "at a.b ({}) [0x1] in <a>:1",
    "1   Shop 0x0000000100a1b2c3 {}::a",
]


@pytest.mark.parametrize("unit", REPEATED)
def test_a_line_of_repetitions_costs_time_in_proportion(unit):
    def of_frames(text: str) -> None:
        for frame in FRAMES:
            grounds("Error", stack=[frame.format(text)], message=None)

    assert grows_linearly(of_frames, lambda chars: filled(unit, chars))
