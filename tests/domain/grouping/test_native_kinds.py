"""Stacks of native programs, and what compilers and runtimes write into any stack.

Kinds that public samples of stacks showed; each in both directions: what is one bug stays one, and
two bugs stay two.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.grouping.fingerprint import grounds
from tests.domain.grouping.test_kinds import digest, hexadecimal

NUMBER = st.integers(1, 9999)
HEX8 = hexadecimal(8)


def apple(number, name, image="Shop"):
    return f"{number}   {image} 0x00000001{number:08x} {name} + {number}"


APPLE = "2   Shop 0x00000001{h} "
FORMS = {
    "a closure in Swift": APPLE + "closure #{n} (Item, String?) in Cart.pay() + {n}",
    "a lambda in C++": "at <lambda_{h}{h}{h}{h}>::operator()",
    "a local lambda in C++": APPLE + "Cart::pay(Item const&)::$_{n}::operator()() const",
    "a lambda in a template": APPLE + "run(Cart::pay)::{{lambda(void*)#{n}}}::call(void*)",
    "a space without a name in C++": "at ?A0x{h}::pay (cart.cpp:{n})",
    "a function in Go": "at cart.pay.func{n}.{n} (/app/cart.go:{n})",
    "a method in Go": "at (*Cart).Pay (/app/cart.go:{n})",
    "a function in Rust": "at shop::cart::pay::{{{{closure}}}} (src/cart.rs:{n})",
    "a function in Clojure": "at shop.core$pay$fn__{n}.invoke(core.clj:{n})",
    "an accessor of the JVM": "at sun.reflect.GeneratedMethodAccessor{n}.invoke(Unknown Source)",
    "a function in Unity": "Shop.Cart.Pay (System.Int32 id) (at Assets/Cart.cs:{n})",
    "a function in Mono": "at Shop.Cart.Pay (System.Int32 id) [0x{h}] in <{h}{h}>:{n}",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@given(numbers=st.tuples(NUMBER, NUMBER), hexes=st.tuples(HEX8, HEX8))
def test_builds_of_one_program_are_one(form, numbers, hexes):
    one, other = (form.format(n=n, h=h) for n, h in zip(numbers, hexes, strict=True))
    assert grounds("E", stack=[one], message=None).frames
    assert digest(one) == digest(other)


@pytest.mark.parametrize("form", [form for form in FORMS.values() if "pay" in form.lower()])
def test_two_functions_are_two(form):
    one = form.format(n=1, h="0a1b2c3d")
    assert digest(one) != digest(one.replace("pay", "sum").replace("Pay", "Sum"))


OWN = apple(4, "Cart.pay()")


@pytest.mark.parametrize(
    "frame",
    [
        apple(1, "thunk for @escaping @callee_guaranteed (@guaranteed Cart) -> ()"),
        apple(1, "partial apply for thunk for @callee_guaranteed () -> (@out ())"),
        apple(1, "_ZNSt3__1L8__invokeIRZN4Shop4Cart3payEE"),
        apple(1, "void std::__1::__invoke<Cart::pay()::$_2>()"),
        apple(1, "<redacted>"),
        apple(1, "<deduplicated_symbol>"),
        apple(1, "std::panicking::try::do_call"),
        apple(1, "<alloc::boxed::Box<F> as core::ops::FnOnce>::call_once"),
        apple(1, "___rust_maybe_catch_panic"),
        apple(1, "boost::function0<T>::operator()"),
        apple(1, "intelSubmitCommands", image="AppleIntelHD4000GraphicsGLDriver"),
        apple(1, "0x1000 + 4", image="???"),
        "#01 pc 000000000001b2c3  /data/app/x/lib/arm64/libBugly.so",
        "#02 pc 00000000000006bc  [vdso] (__kernel_rt_sigreturn+0)",
    ],
)
def test_frames_of_compilers_runtimes_and_libraries_do_not_count(frame):
    assert digest(frame, OWN) == digest(OWN) == digest(OWN, frame)


@pytest.mark.parametrize("name", ["main", "_main", "start"])
def test_where_a_program_begins_does_not_count(name):
    assert digest(OWN, apple(9, name)) == digest(OWN)


def test_where_a_program_begins_counts_where_nothing_else_is_its_own():
    released = apple(1, "objc_release", image="libobjc.A.dylib")
    assert digest(released, apple(2, "main")) != digest(apple(2, "main"))


@pytest.mark.parametrize("before", ["partial apply for ", "@objc ", "merged ", "specialized "])
def test_what_swift_puts_in_front_of_a_function_does_not_count(before):
    assert digest(apple(1, f"{before}Cart.pay()")) == digest(apple(2, "Cart.pay()"))


@pytest.mark.parametrize(
    "frame",
    [
        "at FuncJob.Run (/go/pkg/mod/github.com/robfig/cron/v3@v3.0.0/cron.go:12)",
        "at _asyncStartSync (org-dartlang-sdk:///lib/_internal/async_patch.dart:34:2)",
        "at Binding.flush (https://a.example/packages/flutter/lib/src/binding.dart:3:2)",
        "at sent (tslib/tslib.es6:81:7)",
        "at listener (core-js/internals/task:46:3)",
        "#0      SentryHive.hive (package:sentry_hive/src/sentry_hive.dart:12:5)",
        "#1 /var/www/public/index.php(55): require_once('/var/www/app.php')",
        "at lambda_method12(Closure , Object , Object[] )",
        "at abort (C:\\windows\\System32\\ucrtbase.dll:1)",
        "at invoke_main (exe_common.inl:78)",
        "UnityEngine.UI.Button.Press () (at /build/com.unity.ugui/Runtime/Button.cs:68)",
    ],
)
def test_libraries_of_a_language_do_not_count(frame):
    own = "at load (https://a.example/cart.js:1:2)"
    assert digest(frame, own) == digest(own)


@pytest.mark.parametrize(
    "nameless", ["Anonymous function", "Object.<anonymous>", "e.<anonymous>", "null.<anonymous>"]
)
def test_browsers_write_one_function_without_a_name(nameless):
    below = "at load (https://a.example/cart.js:9:9)"
    chrome = digest("at https://a.example/cart.js:1:2", below)
    assert digest(f"at {nameless} (https://a.example/cart.js:1:2)", below) == chrome


@given(HEX8, HEX8)
def test_address_of_a_crash_does_not_count(one, other):
    first = grounds(f"ACCESS_VIOLATION / 0x{one}", stack=[OWN], message=None)
    assert first == grounds(f"ACCESS_VIOLATION / 0x{other}", stack=[OWN], message=None)


def test_codes_of_two_crashes_are_two():
    first = grounds("0x40000015 / 0x00000001", stack=[OWN], message=None)
    assert first != grounds("0x40000016 / 0x00000001", stack=[OWN], message=None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("at Cart::pay(int) (cart.cpp:3)", "at Order::pay(int) (order.cpp:3)"),
        ("at shop::Cart::pay(int)", "at shop::Cart::sum(int)"),
        ("at (*Cart).Pay (/app/cart.go:1)", "at (*Order).Pay (/app/order.go:1)"),
        ("Cart.Pay () (at Assets/Cart.cs:1)", "Cart.Pay () (at Assets/Other/Order.cs:1)"),
    ],
)
def test_two_places_are_two(one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize("line", ["at fe80::1 port 80", "at std::vector, they say, it broke:1"])
def test_prose_is_no_frame_of_a_native_program(line):
    assert not grounds("E", stack=[line], message=None).frames


def test_arguments_of_cpp_do_not_count():
    assert digest("at Cart::pay(unsigned long,Item const &) (cart.cpp:3)") == digest(
        "at Cart::pay(unsigned int,Item const &) (cart.cpp:4)"
    )
