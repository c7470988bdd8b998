"""What a dialect tells more of an event than the other one can."""

from dataclasses import replace
from datetime import UTC, datetime

from app.domain.frames import Frame
from app.domain.grouping.grounds import CountedFrame
from app.domain.received_event import ReceivedEvent
from app.services.issues.new_event import clean

PLAIN = ReceivedEvent(exception_type="TypeError", message="It broke", stack=["at pay (cart.js:1)"])
PAY = Frame("pay", "cart.js", is_script=True)


def test_frames_that_a_dialect_tells_count_and_not_the_lines():
    event = clean(replace(PLAIN, frames=[Frame("other", "shop.js", is_script=True)]))
    assert event.grounds.frames == (CountedFrame("other", "shop"),)
    assert event.fingerprint == event.grounds.digest() != clean(PLAIN).fingerprint
    assert (event.former_grounds, event.former_fingerprint) == (None, None)
    assert event.content["stack"] == ["at pay (cart.js:1)"]


def test_frames_in_parts_make_the_same_issue_as_their_lines():
    assert clean(replace(PLAIN, frames=[PAY])).fingerprint == clean(PLAIN).fingerprint


def test_template_counts_and_the_message_is_kept():
    one, other = (
        clean(replace(PLAIN, frames=[], message=f"Hello {name}", template="Hello %s"))
        for name in ("Al", "Bea")
    )
    assert one.fingerprint == other.fingerprint
    assert (one.message, other.message) == ("Hello Al", "Hello Bea")


def test_addresses_in_messages_do_not_count():
    one, other = (
        clean(replace(PLAIN, frames=[], message=f"No such user: {name}@example.com"))
        for name in ("al", "bea")
    )
    assert one.fingerprint == other.fingerprint


def test_fingerprint_of_the_app_counts():
    own = replace(PLAIN, frames=[], fingerprint=("checkout",))
    assert clean(own).fingerprint == clean(replace(own, exception_type="Other")).fingerprint


def test_time_and_build_are_kept_where_they_are_told():
    told = replace(PLAIN, occurred_at=datetime(2026, 5, 7, 12, tzinfo=UTC), dist=" 33 of a@b.co ")
    content = clean(told).content
    assert content["occurred_at"] == "2026-05-07T12:00:00Z"
    assert content["dist"] == " 33 of [REDACTED] "
    assert not {"occurred_at", "dist"} & clean(PLAIN).content.keys()


def test_native_mechanism_is_a_crash_of_the_launch_before_only_where_the_dialect_says_so():
    native = replace(PLAIN, mechanism={"type": "native"}, context={"app_version": "1.0"})
    assert clean(native).crash is not None
    assert clean(replace(native, tells_crash_before=False)).crash is None
