"""Events of SDKs: what was thrown, where, and what makes two of them one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.issue_status import EventLevel
from app.domain.sentry.clock import DeviceClock
from app.domain.sentry.events import received_event
from app.services.issues.new_event import clean
from tests.domain.sentry.jsons import events

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CLOCK = DeviceClock(NOW)


def read(**event):
    return received_event(event, clock=CLOCK)


def frame(function="pay", filename="cart.js", **more):
    return {"function": function, "filename": filename, **more}


def thrown(*frames, type_="TypeError", value="It broke", **more):
    return {"type": type_, "value": value, "stacktrace": {"frames": list(frames)}, **more}


def lines(*exceptions, **event):
    return read(exception={"values": list(exceptions)}, **event).stack


def digest(*exceptions, **event):
    return clean(read(exception={"values": list(exceptions)}, **event)).fingerprint


@given(event=events)
def test_any_object_is_an_event(event):
    stored = clean(received_event(event, clock=CLOCK))
    repr(stored).encode()
    assert stored.exception_type
    assert len(stored.fingerprint) == 32
    assert all("\n" not in line for line in stored.content["stack"])


# What was thrown, and what it says.


def test_last_exception_was_thrown_and_those_before_it_caused_it():
    cause = thrown(frame("read"), type_="ValueError", value="inner")
    outer = thrown(frame("main"), frame("pay"), type_="RuntimeError", value="outer")
    event = read(exception=[cause, None, outer])
    assert (event.exception_type, event.message) == ("RuntimeError", "outer")
    assert event.stack == [
        "at pay (cart.js)",
        "at main (cart.js)",
        "Caused by: ValueError: inner",
        "at read (cart.js)",
    ]


@pytest.mark.parametrize(
    "event",
    [
        {"message": "hello"},
        {"message": {"formatted": "hello", "message": "h%s"}},
        {"message": {"message": "hello"}},
        {"logentry": {"formatted": "hello"}, "message": "other"},
        {"sentry.interfaces.Message": {"message": "hello", "params": []}},
        {"exception": [{"value": "hello", "mechanism": {"synthetic": True}}]},
    ],
)
def test_message_has_a_type_of_its_own(event):
    assert (read(**event).exception_type, read(**event).message) == ("Message", "hello")


def test_exception_without_value_says_what_was_logged():
    event = read(exception=[{"type": "E"}], logentry={"message": "paying failed"})
    assert (event.exception_type, event.message) == ("E", "paying failed")


def test_what_was_logged_beside_an_exception_is_kept():
    event = read(exception=[thrown()], logentry={"message": "paying failed"})
    assert (event.message, event.context["message"]) == ("It broke", "paying failed")


@pytest.mark.parametrize("message", ["It broke", "TypeError: It broke", ""])
def test_what_only_repeats_the_exception_is_not_kept_twice(message):
    assert "message" not in read(exception=[thrown()], message=message).context


@pytest.mark.parametrize(
    ("told", "level"),
    [
        *((str(level), level) for level in EventLevel),
        ("critical", EventLevel.FATAL),
        ("Debug", EventLevel.INFO),
        ("log", EventLevel.INFO),
        (50, EventLevel.FATAL),
        (40, EventLevel.ERROR),
        ("30", EventLevel.WARNING),
        (20, EventLevel.INFO),
        (10, EventLevel.INFO),
        (None, EventLevel.ERROR),
    ],
)
def test_levels_are_words_or_numbers(told, level):
    event = read(level=told)
    assert (event.level, event.left_out) == (level, [])


def test_level_that_nobody_knows_is_an_error_and_is_told_to_be_left_out():
    event = read(level={"x": 1})
    assert (event.level, event.left_out) == (EventLevel.ERROR, ["level"])


# Stacks.


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (frame(lineno=10, colno=3), "at pay (cart.js:10:3)"),
        (frame(lineno=10), "at pay (cart.js:10)"),
        (frame(lineno="10"), "at pay (cart.js:10)"),
        (frame(lineno=None, colno=float("inf")), "at pay (cart.js)"),
        (frame(filename=None, abs_path="/srv/cart.js"), "at pay (/srv/cart.js)"),
        (frame(filename=None, package="/usr/lib/shop"), "at pay (/usr/lib/shop)"),
        (frame(filename="", module="shop.cart"), "at pay (shop.cart)"),
        (frame(filename=None), "at pay"),
        (frame(function=None), "at ? (cart.js)"),
        (frame(function=None, filename=None, instruction_addr="0x1f"), "at 0x1f"),
        (frame(function="pay\nmore", lineno=1), "at pay more (cart.js:1)"),
        (
            frame("pay", "Cart.kt", module="com.acme.Cart", platform="java", lineno=3),
            "at com.acme.Cart.pay(Cart.kt:3)",
        ),
        ({}, "at ?"),
    ],
)
def test_frame_is_a_line_as_people_read_it(told, line):
    assert lines(thrown(told)) == [line]


def test_platform_of_the_event_is_that_of_its_frames():
    told = frame("pay", "Cart.java", module="com.acme.Cart", lineno=3)
    assert lines(thrown(told), platform="java") == ["at com.acme.Cart.pay(Cart.java:3)"]


@pytest.mark.parametrize("sign", ["crashed", "current"])
def test_exception_without_frames_has_those_of_its_thread(sign):
    others = {"id": 1, "stacktrace": {"frames": [frame("other")]}}
    its = {"id": 2, sign: True, "stacktrace": {"frames": [frame("main"), frame("pay")]}}
    event = read(exception=[{"type": "E"}], threads={"values": [others, its]})
    assert event.stack == ["at pay (cart.js)", "at main (cart.js)"]
    assert [str(each) for each in clean(event).grounds.frames] == ["pay|cart", "main|cart"]


def test_first_lines_of_an_endless_stack_are_kept_and_the_cut_is_told():
    endless = [frame(f"f{n}") for n in range(20_000)]
    content = clean(read(exception=[thrown(*endless)])).content
    assert content["stack"][0] == "at f19999 (cart.js)"
    assert len(content["stack"]) == 200
    assert content["_meta"]["cut"]["stack_lines"] == 1


# Which events are one.


@pytest.mark.parametrize(
    ("frames", "counted"),
    [
        ([frame("own", in_app=True), frame("lib", in_app=False), frame("x1x")], ["own"]),
        ([frame("own"), frame("lib", in_app=False)], ["own"]),
        ([frame("lib", in_app=False), frame("more", in_app=False)], ["more", "lib"]),
        ([frame("own", "node_modules/x/cart.js", in_app=True)], ["own"]),
    ],
)
def test_frames_of_the_app_count_as_the_sdk_knows_them(frames, counted):
    event = read(exception=[thrown(*frames)])
    assert [each.function for each in clean(event).grounds.frames] == counted


@given(
    lineno=st.integers(1, 999),
    value=st.text(),
    library=st.sampled_from(["react.js", "vue.js"]),
    number=st.integers(1, 9),
)
def test_what_differs_between_two_throws_of_one_bug_does_not_count(lineno, value, library, number):
    own = frame("pay", f"https://h{number}.test/cart.js?v={number}", lineno=lineno, in_app=True)
    event = digest(thrown(own, frame("x", library, in_app=False), value=value))
    assert event == digest(thrown(frame("pay", "cart.js", lineno=1, in_app=True)))


def test_native_frames_count_by_their_binary():
    told = frame(None, None, package="/private/var/containers/Bundle/Shop.app/Shop")
    event = read(exception=[thrown({**told, "function": "Cart.pay()"})], platform="cocoa")
    assert [each.file for each in clean(event).grounds.frames] == ["Shop"]


def test_messages_of_one_place_are_several():
    helper = frame("log", "a.js", in_app=True)
    synthetic = {"mechanism": {"type": "generic", "synthetic": True}}
    one, other = (
        digest(thrown(helper, type_=None, value=value, **synthetic)) for value in ("alpha", "beta")
    )
    assert one != other
    unhandled = {"type_": "UnhandledRejection", **synthetic}
    assert digest(thrown(helper, value="a b", **unhandled)) != digest(
        thrown(helper, value="c d", **unhandled)
    )


def test_stack_of_what_says_nothing_counts():
    one, other = (
        clean(read(threads=[{"crashed": True, "stacktrace": {"frames": [frame(name)]}}]))
        for name in ("pay", "render")
    )
    assert one.fingerprint != other.fingerprint
    assert one.exception_type == "Message"


def test_object_that_was_thrown_is_said_as_text():
    assert read(exception=[{"type": "Object", "value": {"code": 7}}]).message == '{"code": 7}'


def test_messages_of_one_template_are_one():
    one, other = (
        clean(read(logentry={"formatted": f"Hello {name}", "message": "Hello %s"}))
        for name in ("Al", "Bea")
    )
    assert one.fingerprint == other.fingerprint


DEFAULT = st.sampled_from(["{{ default }}", "{{default}}", " {{  default }}"])


@given(default=DEFAULT)
@pytest.mark.parametrize("empty", [[], None, "", [None], [{}], ["  "]])
def test_fingerprint_that_says_nothing_is_the_default(empty, default):
    plain = digest(thrown(frame()))
    assert digest(thrown(frame()), fingerprint=empty) == plain
    assert digest(thrown(frame()), fingerprint=[default]) == plain


@pytest.mark.parametrize("fingerprint", [["checkout"], "checkout", ["check", 7], [7]])
def test_fingerprint_of_the_app_counts_alone(fingerprint):
    one = digest(thrown(frame()), fingerprint=fingerprint)
    assert one == digest(thrown(frame("x"), type_="Other"), fingerprint=fingerprint)
    assert one != digest(thrown(frame()))


def test_fingerprint_with_the_default_divides_it():
    told = {"fingerprint": ["{{ default }}", "gold"]}
    assert digest(thrown(frame()), **told) == digest(thrown(frame(lineno=9)), **told)
    assert digest(thrown(frame()), **told) != digest(thrown(frame("x1x")), **told)


# What is told beside, and what is not kept.


def test_platform_is_told_by_its_contexts():
    event = read(
        contexts={
            "os": {"name": "iOS", "version": "17.1"},
            "device": {"model": "iPhone15,2", "manufacturer": "Apple"},
            "app": {"app_version": "1.4.2", "app_build": 33},
            "culture": {"locale": "de-CH", "timezone": "Europe/Zurich"},
        },
        sdk={"name": "sentry.cocoa", "version": "9.26"},
        transaction="Checkout",
        dist="33",
        request={"url": "https://al@shop.test/p?token=s3cret", "method": "POST"},
    )
    assert event.context == {
        "os_name": "iOS",
        "os_version": "17.1",
        "device_model": "iPhone15,2",
        "device_manufacturer": "Apple",
        "app_version": "1.4.2",
        "app_build": "33",
        "locale": "de-CH",
        "timezone": "Europe/Zurich",
        "sdk": "sentry.cocoa 9.26",
        "transaction": "Checkout",
        "url": "https://[Filtered]@shop.test/p?token=[Filtered]",
        "method": "POST",
    }
    assert event.dist == "33"


@pytest.mark.parametrize("tags", [{"plan": "pro"}, [["plan", "pro"]]])
@pytest.mark.parametrize("listed", [list, lambda crumbs: {"values": crumbs}])
def test_tags_and_breadcrumbs_come_in_two_forms(tags, listed):
    crumbs = [
        {"data": {"url": "/p?key=s3cret", "http.query": "sig=s3cret"}},
        None,
        {"message": "m"},
    ]
    event = read(tags=tags, breadcrumbs=listed(crumbs))
    assert event.tags == {"plan": "pro"}
    assert event.breadcrumbs == [
        {"data": {"url": "/p?key=[Filtered]", "http.query": "sig=[Filtered]"}},
        {"message": "m"},
    ]


@pytest.mark.parametrize("part", ["tags", "contexts", "extra", "breadcrumbs"])
@pytest.mark.parametrize(("value", "dropped"), [(7, 1), ("x", 1), ([], 0), ({}, 0), (None, 0)])
def test_part_that_cannot_be_used_is_counted(part, value, dropped):
    content = clean(read(**{part: value})).content
    assert content["_meta"]["cut"].get("dropped", 0) == dropped
    assert not content[part]


def test_newest_breadcrumbs_are_kept():
    content = clean(read(breadcrumbs=[{"message": str(n)} for n in range(70)])).content
    assert [crumb["message"] for crumb in content["breadcrumbs"]] == [str(n) for n in range(20, 70)]
    assert content["_meta"]["cut"]["breadcrumbs"] > 0


def test_mechanism_tells_two_things_and_never_a_crash_of_before():
    event = read(exception=[thrown(mechanism={"type": "native", "handled": False, "meta": {}})])
    assert event.mechanism == {"type": "native", "handled": False}
    assert clean(event).crash is None


def test_what_is_of_a_request_or_of_a_machine_is_not_kept():
    secret = "s3kret"
    stored = clean(
        read(
            exception=[thrown(frame(vars={"p": secret}, context_line=secret))],
            request={"headers": {"Cookie": secret}, "cookies": secret, "data": secret,
                     "query_string": secret, "env": {"REMOTE_ADDR": secret}},
            user={"id": "u-77", "email": secret, "ip_address": secret, "name": secret,
                  "username": secret, "geo": {"city": secret}, "data": {"x": secret}},
            server_name=secret, modules={secret: "1"}, debug_meta={"images": [secret]},
        )
    )  # fmt: skip
    assert secret not in repr(stored)
    assert stored.content["user_id_anon"] == "u-77"
