"""Feedback of every form: what people wrote, who they are, and which event it is about."""

from uuid import UUID

import pytest
from hypothesis import given

from app.domain.sentry.feedback import (
    InvalidFeedback,
    is_feedback,
    received_feedback,
    received_user_report,
)
from app.domain.text import is_storable
from app.domain.user_key import user_key
from tests.domain.sentry.jsons import events, nearly

EVENT = UUID("9ec79c33-ec99-42ab-8353-589fcb2e04dc")
OTHER = UUID("1e315191-cede-4eef-988e-86f5466183c4")


def read(*, event=None, **told):
    return received_feedback({**(event or {}), "contexts": {"feedback": {"message": "m", **told}}})


def report(**told):
    return received_user_report({"comments": "m", **told}, envelope_id=OTHER.bytes)


@given(event=events)
def test_any_object_is_feedback_or_invalid(event):
    try:
        read = received_feedback(event)
    except InvalidFeedback:
        return
    assert is_storable(read.message) and read.message
    assert read.email is None or "@" in read.email
    repr(read.details).encode()


@given(told=nearly("event_id name email comments", leaves=4))
def test_any_object_is_a_user_report_or_invalid(told):
    try:
        assert received_user_report(told).message
    except InvalidFeedback:
        pass


@pytest.mark.parametrize(
    ("item_type", "event", "is_one"),
    [
        ("feedback", {}, True),
        ("event", {"type": "feedback"}, True),
        ("event", {"contexts": {"feedback": {"message": "m"}}}, True),
        ("event", {"contexts": {"feedback": {"message": " "}}}, False),
        ("event", {"contexts": {"feedback": "m"}}, False),
        ("event", {"type": "error"}, False),
    ],
)
def test_feedback_is_known_by_its_item_or_by_what_it_holds(item_type, event, is_one):
    assert is_feedback(item_type, event) == is_one


@pytest.mark.parametrize("message", [None, "", " \n", "\u200b", 7, ["m"], {"x": "m"}])
def test_feedback_that_says_nothing_is_invalid(message):
    with pytest.raises(InvalidFeedback):
        read(message=message)
    with pytest.raises(InvalidFeedback):
        report(comments=message)


def test_message_is_kept_whole_up_to_the_documented_bound():
    assert read(message="\u00e4" * 4096).message == "\u00e4" * 4096
    longer = read(message="\u00e4" * 4097)
    assert longer.message == "\u00e4" * 4096
    assert longer.details["_meta"] == {"cut": {"strings": 1}}


def test_message_is_scrubbed_before_it_is_cut():
    address = "alice@example.com"
    told = read(message="x" * 4090 + " " + address)
    assert "alice" not in told.message
    assert told.redactions == {"email": 1}


@pytest.mark.parametrize(
    ("told", "user", "email", "name", "contact"),
    [
        ({"contact_email": "a@b.co", "name": "Al"}, {"email": "x@y.z"}, "a@b.co", "Al", None),
        ({}, {"email": "a@b.co", "username": "al"}, "a@b.co", "al", None),
        ({"contact_email": " ", "name": ""}, {"email": "a@b.co", "name": "A"}, "a@b.co", "A", None),
        ({"contact_email": "call me: 555"}, {}, None, None, "call me: 555"),
        ({"contact_email": "call me: 555"}, {"email": "a@b.co"}, None, None, "call me: 555"),
        ({"contact_email": f"{'a' * 200}@b.co"}, {}, None, None, "a" * 200),
        ({"contact_email": "\u202aa@b.co\u202c"}, {}, "a@b.co", None, None),
        ({"contact_email": ["a@b.co"]}, {}, None, None, None),
        ({"name": "x" * 121}, {}, None, "x" * 120, None),
    ],
)
def test_who_wrote_it_is_kept_as_typed(told, user, email, name, contact):
    feedback = read(event={"user": user}, **told)
    assert (feedback.email, feedback.name) == (email, name)
    assert feedback.details.get("contact") == contact


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.test/p?token=s3cret&x=1", "https://a.test/p?token=[Filtered]&x=1"),
        ("CheckoutActivity", "CheckoutActivity"),
        ("https://a.test/" + "x" * 600, "https://a.test/" + "x" * 485),
        (None, None),
    ],
)
def test_place_is_kept_without_its_secrets(url, kept):
    assert read(url=url).url == kept


@pytest.mark.parametrize(
    ("release", "version"),
    [
        ("shop@1.4.2+33", "1.4.2"),
        ("com.acme@shop@1.4.2", "1.4.2"),
        ("1.4.2", "1.4.2"),
        ("9fceb02d0ae598e95dc970b74767f19372d61af8", None),
        ("shop@", None),
        (None, None),
    ],
)
def test_version_is_that_of_the_release(release, version):
    feedback = read(event={"release": release})
    assert (feedback.app_version, feedback.details.get("release")) == (version, release)


@pytest.mark.parametrize(
    ("told", "ref", "kept"),
    [
        (EVENT.hex, EVENT.bytes, None),
        (str(EVENT).upper(), EVENT.bytes, None),
        ("0" * 32, None, None),
        (str(UUID(int=0)), None, None),
        ("the last one", None, "the last one"),
        (None, None, None),
        (7, None, None),
    ],
)
def test_event_it_is_about_is_named_by_its_id(told, ref, kept):
    feedback = read(associated_event_id=told)
    assert feedback.event_ref == ref
    assert feedback.details.get("associated_event_id") == kept


def test_what_stands_beside_is_in_its_details():
    event = {
        "environment": "staging",
        "dist": "33",
        "platform": "java",
        "level": "info",
        "tags": [["plan", "pro"]],
        "sdk": {"name": "sentry.java", "version": "8.53.0", "packages": ["x"]},
        "user": {"id": "u-77", "email": "a@b.co"},
        "threads": {"values": [{"stacktrace": {"frames": [{"function": "main"}]}}]},
        "breadcrumbs": [{"message": "m"}],
        "modules": {"m": "1"},
        "contexts": {
            "feedback": {"message": "m", "source": "widget", "replay_id": "r"},
            "os": {"name": "iOS"},
            "trace": {"trace_id": "t"},
        },
    }
    assert received_feedback(event).details == {
        "environment": "staging",
        "dist": "33",
        "platform": "java",
        "level": "info",
        "sdk": {"name": "sentry.java", "version": "8.53.0"},
        "source": "widget",
        "tags": {"plan": "pro"},
        "contexts": {"os": {"name": "iOS"}},
        "user_key": user_key("u-77").hex(),
    }


def test_details_are_scrubbed_and_bounded():
    details = read(event={"tags": {"who": "alice@example.com", "log": "x" * 200_000}}).details
    assert details["tags"]["who"] == "[REDACTED]"
    assert len(repr(details)) < 140_000


@pytest.mark.parametrize(
    ("told", "ref"),
    [(EVENT.hex, EVENT.bytes), (None, OTHER.bytes), ("0" * 32, None), ("nonsense", None)],
)
def test_user_report_is_about_the_event_that_it_names(told, ref):
    feedback = report(event_id=told)
    assert (feedback.event_ref, feedback.replaces) == (ref, ref is not None)


def test_user_report_says_who_and_what():
    feedback = report(name="Al", email="a@b.co", comments=" It crashed ")
    assert (feedback.name, feedback.email, feedback.message) == ("Al", "a@b.co", "It crashed")
    assert feedback.details == {}
