"""What a page tells of a fingerprint is what the fingerprint was made from."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.frames import Frame
from app.domain.grouping import fingerprint, version_1
from app.domain.grouping.grounds import CountedFrame, in_words

PART = st.sampled_from(["pay", "Cart.pay", "render", "", "a"])
FILE = st.sampled_from(["cart.js", "pay.js", "index.js", "node_modules/react/index.js"])
STACK = st.lists(st.builds("at {} ({}:1:2)".format, PART, FILE) | st.just("???"), max_size=4)
MESSAGE = st.sampled_from([None, "", "Order 7 is gone", "Order 8 is gone", "It broke"])
VERSIONS = [version_1, fingerprint]


@pytest.mark.parametrize("version", VERSIONS)
@given(stacks=st.tuples(STACK, STACK), messages=st.tuples(MESSAGE, MESSAGE))
def test_events_are_one_exactly_where_the_same_is_told(version, stacks, messages):
    one, other = (
        version.grounds("TypeError", stack=stack, message=message)
        for stack, message in zip(stacks, messages, strict=True)
    )
    assert (one.digest() == other.digest()) == (one.told() == other.told())
    assert (in_words(one.told()) == in_words(other.told())) or one.digest() != other.digest()


def test_functions_are_told_in_their_order():
    stack = ["at pay (cart.js:1:2)", "at onPress (shop.js:1:2)", "at https://a.example/x.js:1:2"]
    counted = fingerprint.grounds("TypeError", stack=stack, message="It broke")
    assert counted.frames == (
        CountedFrame("pay", "cart"),
        CountedFrame("onPress", "shop"),
        CountedFrame("", "x"),
    )
    assert in_words(counted.told()) == (
        "What counted: the exception type TypeError and the functions pay in cart, onPress in shop"
        " and (without a name) in x. The message did not count."
    )


def test_what_is_told_is_bounded():
    counted = fingerprint.grounds("E", stack=[f"at {'x' * 9000} (a.js:1:2)"], message=None)
    assert len(str(counted.told())) < 1000


GIVEN = st.lists(st.none() | st.sampled_from(["a", "b", "ab", '","']), min_size=1, max_size=3)


@given(one=GIVEN, other=GIVEN, messages=st.tuples(MESSAGE, MESSAGE))
def test_fingerprint_that_the_app_gave_counts_alone_but_for_its_default(one, other, messages):
    counted = [
        replace(fingerprint.grounds("TypeError", stack=[], message=message), given=tuple(given))
        for given, message in zip((one, other), messages, strict=True)
    ]
    of_events = [replace(each, given=()).digest() for each in counted]
    is_one = one == other and (None not in one or of_events[0] == of_events[1])
    assert (counted[0].digest() == counted[1].digest()) == is_one
    assert counted[0].digest() not in of_events


def test_fingerprint_that_the_app_gave_is_told_scrubbed():
    counted = fingerprint.grounds("TypeError", stack=[], message="It broke")
    own = replace(counted, given=("checkout", "al@example.com"))
    assert own.told() == counted.told() | {"given": ["checkout", "[REDACTED]"]}
    assert in_words(own.told()) == (
        "What counted: the fingerprint that the app gave, checkout and [REDACTED]."
    )
    assert in_words(replace(counted, given=("checkout", None)).told()) == (
        "What counted: the fingerprint that the app gave, checkout and {{ default }}."
        " For {{ default }}: What counted: the exception type TypeError and the message “It broke”."
    )


LANGUAGES = st.sampled_from(
    [
        ("at {}.pay (cart.js:1:2)", lambda name: Frame(f"{name}.pay", "cart.js", is_script=True)),
        ("at com.acme.{}.pay(Cart.kt:1)", lambda name: Frame(f"com.acme.{name}.pay", "Cart.kt")),
        ("at {} (cart.js:1:2)", lambda name: Frame(name, "cart.js", is_script=True)),
    ]
)


@given(
    language=LANGUAGES,
    names=st.lists(st.sampled_from(["Cart", "Shop", "Pay", "x"]), min_size=1, max_size=9),
    message=MESSAGE,
)
def test_frames_told_in_parts_count_as_the_lines_that_tell_them(language, names, message):
    line, frame = language
    by_lines = fingerprint.grounds(
        "E", stack=[line.format(each) for each in names], message=message
    )
    by_frames = fingerprint.grounds_of_frames("E", map(frame, names), message=message)
    assert by_frames == by_lines


def test_without_frames_the_message_counts():
    assert fingerprint.grounds_of_frames("E", [], message="Order 7") == fingerprint.grounds(
        "E", stack=[], message="Order 8"
    )
