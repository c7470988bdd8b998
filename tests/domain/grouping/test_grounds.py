"""What a page tells of a fingerprint is what the fingerprint was made from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
