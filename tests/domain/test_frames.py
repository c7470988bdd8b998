"""A stack stays a stack: what has the form of an address and is a frame is kept whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.event_content import EventCleaner
from app.domain.frames import examine_line
from tests.domain.grouping.stack_traces import ONE_BUG
from tests.domain.grouping.two_bugs import TWO_BUGS

_FUNCTIONS = ("onPress", "value", "", "e.exports", "Foo.prototype.bar", "global code", "a/b/<")
_FUNCTIONS += ("async*load", "promise callback*run", "[2]</x", "get size", "$t", "_c", "用户")
_FILES = ("main.jsbundle", "index.android.bundle", "index.ios.bundle.map", "main.hermes", "app.js")
_FILES += ("http://10.0.2.2:8081/index.bundle?platform=android&dev=true", "file:///a/b.c/main.js")
_FILES += ("https://shop.example.com/js/main.4f3a2b1c.js", "/var/App.app/main.jsbundle", "main.ota")
_FILES += (
    "blob:https://shop.example/123e4567",
    "capacitor://localhost/main.js",
    "webpack:///./a.ts",
)
_FILES += (
    "C:/www/app.min.js",
    "moz-extension://a-b/c.js",
    "app.bundle//&platform=ios",
    "chunk.vendor",
)

frames = st.builds(
    "{}@{}:{}:{}".format,
    st.sampled_from(_FUNCTIONS),
    st.sampled_from(_FILES),
    st.integers(1, 99_999),
    st.integers(1, 9_999_999),
) | st.sampled_from(_FUNCTIONS).map("{}@[native code]".format)


@given(frames)
def test_a_frame_with_an_at_sign_is_kept_whole(line):
    assert EventCleaner().stack([line]) == [line]


@pytest.mark.parametrize("throws", [*ONE_BUG.values(), *TWO_BUGS.values()])
def test_stacks_of_all_languages_are_kept_whole(throws):
    for throw in throws:
        assert EventCleaner().stack(throw.text) == throw.stack


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("jo@example.com", "[REDACTED]"),
        ("jo@example.com:12:5", "[REDACTED]:12:5"),
        ("Error: jo@mail.example:1:2", "Error: [REDACTED]:1:2"),
        ("at send (jo@example.com)", "at send ([REDACTED])"),
        ("#0 /a.php(1): App\\send('jo@example.com')", "#0 /a.php(1): App\\send('[REDACTED]')"),
        ("pay@https://x.y/a.js?u=jo@example.com:1:2", "pay@https://x.y/a.js?u=[REDACTED]:1:2"),
        ("pay@https://x.y/jo%40example.com/a.js:1:2", "pay@https://x.y/[REDACTED]/a.js:1:2"),
        ("f4111111111111111@main.jsbundle:1:2", "f[REDACTED]@main.jsbundle:1:2"),
        ("com.acme.Cart.pay(jo@example.com)", "com.acme.Cart.pay([REDACTED])"),
    ],
)
def test_an_address_in_a_line_of_a_stack_goes(line, kept):
    assert examine_line(line).text == kept
