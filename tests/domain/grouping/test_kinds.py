"""Differences that make no second bug, and likenesses that make no first, by generators."""

import string
import uuid
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.grouping.fingerprint import grounds
from app.domain.grouping.message_words import message_words

HEX = "0123456789abcdef"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NAMES = st.sampled_from(["Cart", "checkout", "orderList", "user-profile", "HomePage", "pay_form"])
FUNCTIONS = st.sampled_from(
    ["pay", "openProfile", "_render", "$emit", "handleClick", "componentDidMount"]
)
NUMBERS = st.integers(1, 99_999)


def digest(*stack, message=None, exception_type="TypeError"):
    return grounds(exception_type, stack=list(stack), message=message).digest()


def hexadecimal(*sizes):
    """With a digit and a letter, as all but few are; letters alone from eight on."""
    return (
        st.sampled_from(sizes)
        .flatmap(lambda size: st.text(HEX, min_size=size, max_size=size))
        .filter(
            lambda text: not text.isdigit()
            and (len(text) >= 8 or any(sign.isdigit() for sign in text))
        )
    )


BUNDLER = (
    st.text(string.ascii_letters + string.digits + "_", min_size=8, max_size=8)
    .filter(lambda text: any(sign.isdigit() for sign in text))
    .filter(lambda text: text[0] != "_" and text[-1] != "_")
)
VERSIONS = st.lists(st.integers(0, 99), min_size=2, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)
BUILD = st.one_of(
    hexadecimal(6, 8, 12, 16, 20, 32, 40, 64), VERSIONS, NUMBERS.map(str), st.uuids().map(str)
)
FORMS = st.sampled_from(
    [
        "https://a.example/js/{name}.{build}.js",
        "https://b.example/assets/{name}-{build}.js",
        "https://a.example/{build}/{name}.js",
        "https://a.example/v/{build}/{name}.min.js?v={build}",
        "https://a.example/js/{name}.{build}.chunk.mjs",
        "/data/user/0/com.acme/files/.expo-internal/{build}/{name}.js",
        "/var/containers/Bundle/Application/{build}/Shop.app/{name}.js",
        "webpack-internal:///(rsc)/./src/{name}.js?{build}",
        "app:///{name}-{build}.js",
    ]
)


@given(FUNCTIONS, NAMES, FORMS, BUILD, BUILD, NUMBERS, NUMBERS)
def test_another_build_is_the_same_bug(function, name, form, one, other, line, column):
    assert digest(f"at {function} ({form.format(name=name, build=one)}:{line}:3)") == digest(
        f"at {function} ({form.format(name=name, build=other)}:9:{column})"
    )


@given(FUNCTIONS, NAMES, BUNDLER, BUNDLER)
def test_a_bundlers_hash_does_not_count(function, name, one, other):
    assert digest(f"at {function} (https://a.example/assets/{name}-{one}.js:1:2)") == digest(
        f"at {function} (https://a.example/assets/{name}-{other}.js:3:4)"
    )


@given(FUNCTIONS, NAMES, NAMES, FORMS, BUILD)
def test_another_file_is_another_bug(function, name, other, form, build):
    one, two = (form.format(name=each, build=build) for each in (name, other))
    are_equal = digest(f"at {function} ({one}:1:2)") == digest(f"at {function} ({two}:1:2)")
    assert are_equal == (name == other)


@given(
    st.sampled_from(
        ["index", "route", "page", "main", "Controller", "+page.server", "layout", "__init__"]
    ),
    st.sampled_from(["js", "ts", "tsx", "mjs", "php"]),
    st.sampled_from(["orders", "users", "cart", "profile"]),
    st.sampled_from(["orders", "users", "cart", "profile"]),
)
def test_files_of_one_empty_name_are_told_by_their_folders(name, ending, folder, other):
    def of(folder, root):
        return digest(f"at handle ({root}/{folder}/{name}.{ending}:1:2)")

    assert (of(folder, "/srv/shop") == of(other, "/srv/shop")) == (folder == other)
    assert of(folder, "/home/jo/src/shop") == of(folder, "https://a.example/shop")


@given(st.lists(st.tuples(NAMES, FUNCTIONS), min_size=1, max_size=4), NUMBERS)
def test_all_engines_tell_of_one_bug(calls, line):
    def stack(form):
        return [
            form.format(of=name, name=function, place=f"https://a.example/app.js:{line}:{number}")
            for number, (name, function) in enumerate(calls)
        ]

    chrome = digest(*stack("    at {of}.{name} ({place})"))
    assert digest(*stack("    at async {of}.{name} [as x] ({place})")) == chrome
    assert digest(*stack("{name}@{place}")) == chrome  # Firefox, Safari
    assert digest(*stack("{of}.prototype.{name}@{place}")) == chrome
    assert digest(*stack("async*{name}@{place}")) == chrome
    assert digest(*stack("    at {name} (address at {place})")) == chrome  # Hermes


LIBRARIES = st.lists(
    st.sampled_from(
        [
            "at java.util.ArrayList.get(ArrayList.java:427)",
            "at kotlin.collections.CollectionsKt.first(Collections.kt:3)",
            "at kotlinx.coroutines.DispatchedTask.run(Task.kt:9)",
            "at androidx.fragment.app.FragmentManager.a(FragmentManager.java:2)",
            "at android.os.Handler.dispatchMessage(Handler.java:106)",
            "at com.android.internal.os.ZygoteInit.main(ZygoteInit.java:947)",
            "at java.base/java.lang.Thread.run(Thread.java:840)",
            "at org.springframework.web.servlet.DispatcherServlet.doGet(DispatcherServlet.java:9)",
            "at jdk.internal.reflect.GeneratedMethodAccessor12.invoke(Unknown Source)",
            "at r0 (https://a.example/static/vendor.4f3a2b1c.js:1:100)",
            "at r1 (https://a.example/static/vendors~main.js:1:100)",
            "at t (webpack:///./node_modules/react-dom/index.js:1:2)",
            "at o (https://a.example/_next/static/chunks/webpack-9b1c0de49b1c0de4.js:1:2)",
            "at __webpack_require__ (webpack/bootstrap:19:1)",
            "at x (chrome-extension://abcdefghijklmnop/content.js:1:2)",
            "inject@moz-extension://3f2a91c0-0000-4000-8000-000000000000/a.js:1:2",
            "at Array.map (<anonymous>)",
            "forEach@[native code]",
            "at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
            "#0      List.first (dart:core/list.dart:1:5)",
            "#1      Element.build (package:flutter/src/widgets/framework.dart:100:5)",
            "#0 /srv/app/vendor/laravel/src/P.php(12): Illuminate\\Pipeline\\Pipeline->then()",
            "#1 [internal function]: array_map()",
            "at System.Linq.Enumerable.First[TSource](IEnumerable`1 source)",
            "3   UIKitCore   0x00000001a2b3c4d5 -[UIApplication sendAction:to:] + 88",
            "4   CoreFoundation   0x00000001a2b3c4d5 __CFRunLoopRun + 812",
            "5   libdispatch.dylib   0x00000001a2b3c4d5 _dispatch_main_queue_drain + 8",
        ]
    ),
    max_size=8,
)
OWN = st.sampled_from(
    [
        "at com.acme.Cart.first(Cart.kt:3)",
        "at checkout (https://a.example/static/main.js:1:50)",
        "openProfile@https://a.example/app.js:1:2",
        "#4      Cart.pay (package:shop/cart.dart:12:5)",
        "#7 /srv/app/src/Cart.php(12): App\\Cart->pay()",
        "at Acme.Shop.Cart.Pay(String id) in C:\\src\\Cart.cs:line 12",
        "7   Shop   0x0000000100a1b2c3 $s4Shop4CartC3payyyF + 123",
    ]
)


@given(LIBRARIES, LIBRARIES, OWN, OWN)
def test_code_of_others_does_not_count_where_there_is_own(above, below, own, other):
    assert digest(*above, own, *below) == digest(own)
    assert (digest(*above, own) == digest(*above, other)) == (own == other)


@given(LIBRARIES, st.sampled_from(["a.B", "java.lang.RuntimeException", "Error"]), OWN, OWN)
def test_the_deepest_own_cause_counts_and_its_wrappers_do_not(above, wrapper, own, other):
    def thrown(cause, *, by="x.Inner", wrapped_in=wrapper):
        stack = [
            *above,
            "Caused by: y.Middle: again",
            *above,
            f"Caused by: {by}: {wrapped_in}",
            cause,
        ]
        return digest(*stack, exception_type=wrapped_in, message=wrapped_in)

    assert thrown(own) == thrown(own, wrapped_in="AnotherWrapper")
    assert thrown(own) != thrown(own, by="x.Another")
    assert (thrown(own) == thrown(other)) == (own == other)


@given(st.integers(2, 30), st.integers(2, 30), st.integers(1, 4), st.integers(0, 3))
def test_how_deep_a_recursion_went_and_where_it_began_do_not_count(one, other, length, turn):
    cycle = [f"at visit{n} (t.js:{n}:1)" for n in range(length)]
    turned = cycle[turn % length :] + cycle[: turn % length]
    rest = ["at start (s.js:9:1)"]
    assert digest(*cycle * one, *rest) == digest(*turned * other, *rest)
    assert digest(*cycle * one, *rest) != digest(*cycle * one, "at stop (s.js:9:1)")


IDS = {
    "uuid": st.uuids().map(str),
    "uuid without dashes": st.uuids().map(lambda one: one.hex),
    "ulid": st.text(CROCKFORD, min_size=24, max_size=24).map(lambda text: "01" + text),
    "prefixed": st.text(string.ascii_letters + string.digits, min_size=13, max_size=13).map(
        lambda text: "cus_9" + text
    ),
    "nano id": st.text(string.ascii_letters + string.digits, min_size=18, max_size=18).map(
        lambda text: "V1" + text + "9"
    ),
    "commit": hexadecimal(7, 12, 40).filter(lambda text: any(sign.isdigit() for sign in text)),
    "object id": hexadecimal(24).filter(lambda text: any(sign.isdigit() for sign in text)),
    "pointer": st.integers(0, 2**48).map(hex),
    "mac": st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex(":")),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str).filter(lambda text: text not in ("::",)),
    "integer": st.integers().map(str),
    "float": st.floats(allow_nan=False, allow_infinity=False).map(repr),
    "date": st.dates().map(str),
    "time": st.datetimes(datetime(1970, 1, 1)).map(lambda at: at.isoformat()),
    "http date": st.datetimes(datetime(1970, 1, 1)).map(
        lambda at: at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    ),
    "quoted": st.text(string.ascii_letters + " ", min_size=1, max_size=30).map(
        lambda text: f'"{text}"'
    ),
    "url": BUILD.map(lambda build: f"https://a.example/assets/Cart.{build}.js"),
}


@pytest.mark.parametrize("kind", IDS)
@given(data=st.data())
def test_what_differs_in_a_message_does_not_count(kind, data):
    one, other = data.draw(IDS[kind]), data.draw(IDS[kind])
    for form in ("no customer {}", "{} is gone", "found {}, expected more", "lost ({}) at last"):
        assert message_words(form.format(one)) == message_words(form.format(other))


@given(
    st.lists(
        st.sampled_from("the payment was declined timed out no network left on device".split())
    )
)
def test_words_of_a_message_count(words):
    assert message_words(" ".join(words)) == " ".join(words)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cannot read properties of undefined (reading 'id')", "… (reading 'mail')"),
        ("property 'total' of null", "property 'name' of null"),
        ("cannot decode base64", "cannot decode oauth2"),
        ("'cart' is not defined", "'user' is not defined"),
        ("HTTP2 is off", "IPv6 is off"),
    ],
)
def test_names_of_programs_count(one, other):
    assert message_words(one) != message_words(other)


def test_uuid_alone_is_an_id():
    assert message_words(f"job {uuid.UUID(int=7)} failed") == "job <id> failed"
