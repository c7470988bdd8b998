"""What a dialect tells more of an event than the other one can."""

from dataclasses import replace
from datetime import UTC, datetime

from app.domain.grouping.fingerprint import grounds
from app.domain.received_event import ReceivedEvent
from app.services.issues.new_event import clean

PLAIN = ReceivedEvent(exception_type="TypeError", message="It broke", stack=["at pay (cart.js:1)"])
OTHER = grounds("Message", stack=[], message="hello")


def test_grounds_that_a_dialect_tells_count_alone():
    event = clean(replace(PLAIN, grounds=OTHER))
    assert event.fingerprint == OTHER.digest() != clean(PLAIN).fingerprint
    assert event.grounds == OTHER
    assert (event.former_grounds, event.former_fingerprint) == (None, None)
    assert event.content["stack"] == ["at pay (cart.js:1)"]


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
