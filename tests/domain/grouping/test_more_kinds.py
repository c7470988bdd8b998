"""Kinds that public samples of groupings showed to be wrong: what is one bug, and what is two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.grouping.fingerprint import grounds
from app.domain.grouping.message_words import message_words
from tests.domain.grouping.test_kinds import digest, hexadecimal

NUMBER = st.integers(0, 9999)
DAYS = st.sampled_from("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
ZONES = st.sampled_from(["", "Z", " UTC", " GMT", " MST", "+02:00", " -0700", " GMT+0200 (CEST)"])
FRACTIONS = st.sampled_from(["", ".5", ".123456", ",042"])
HALVES = st.integers(0, 23), st.integers(0, 59), st.integers(0, 59)
CLOCKS = st.builds("{:02}:{:02}:{:02}{}{}".format, *HALVES, FRACTIONS, ZONES)
DATES = st.dates().map(lambda date: date.strftime("%d %b ") + f"{date.year:04}")
MOMENTS = st.one_of(
    st.builds(lambda date, clock: f"{date.isoformat()}T{clock}", st.dates(), CLOCKS),
    st.builds(lambda day, date, clock: f"{day[:3]}, {date} {clock}", DAYS, DATES, CLOCKS),
    st.builds(lambda date: f"{date:%Y%m%d}T010203Z", st.datetimes().filter(lambda d: d.year > 999)),
)
VALUES = {
    "moments": MOMENTS,
    "weekdays": DAYS,
    "durations": st.builds("{}{}".format, NUMBER, st.sampled_from(["ms", "s", "h", "min"])),
    "sizes": st.builds("{} {}".format, NUMBER, st.sampled_from(["KB", "MB", "GiB", "B"])),
    "versions": st.builds(
        "v{}.{}.{}{}".format, NUMBER, NUMBER, NUMBER, st.sampled_from(["", "-rc.1"])
    ),
    "phones": st.builds(
        "+{} {} {}".format, st.integers(1, 99), st.integers(100, 999), NUMBER.map("{:04}".format)
    ),
    "objects": hexadecimal(6, 7, 8).map("com.acme.Cart@{}".format),
    "routers' addresses": st.lists(
        st.text("0123456789abcdef", min_size=4, max_size=4), min_size=3, max_size=3
    ).map(".".join),
}
SENTENCES = ["Item {} not found", "Waited ({})", "No such thing: {}"]


@pytest.mark.parametrize("kind", VALUES)
@given(data=st.data())
def test_values_of_a_kind_do_not_count(kind, data):
    one, other = data.draw(VALUES[kind]), data.draw(VALUES[kind])
    for sentence in SENTENCES:
        assert message_words(sentence.format(one)) == message_words(sentence.format(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "null is not an object (evaluating 'e.total')",
            "null is not an object (evaluating 'e.sum')",
        ),
        ("Cannot find module './cart'", "Cannot find module './orders'"),
        ("Fee::add() called too early", "Bee::add() called too early"),
        ("may fail", "june fail"),
        ("User sat down", "User mon down"),
    ],
)
def test_words_of_a_program_count(one, other):
    assert digest(message=one) != digest(message=other)


LIBRARY_FRAMES = [
    "at leakcanary.AppWatcher.watch(AppWatcher.kt:1)",
    "at software.amazon.awssdk.core.Call.run(Call.java:1)",
    "at akka.actor.ActorCell.invoke(ActorCell.scala:5)",
    "at load (https://js.stripe.com/v3/:1:2)",
    "at load (https://unpkg.com/react@18/umd/react.production.min.js:1:2)",
    "at load (https://a.example/static/npm.react.3f2a1b2c.js:1:2)",
    "at load (https://a.example/static/common-vendors.3f2a1b2c.js:1:2)",
    "at load (/app/.next/server/chunks/node_modules_pg.js:1:2)",
]


@pytest.mark.parametrize("frame", LIBRARY_FRAMES)
def test_library_above_own_code_does_not_count(frame):
    own = "at pay (https://a.example/cart.js:1:2)"
    assert digest(frame, own) == digest(own)


@given(first=NUMBER, second=NUMBER, hexes=st.tuples(hexadecimal(8), hexadecimal(8)))
@pytest.mark.parametrize(
    "form",
    [
        "at com.acme.User$HibernateProxy${h}.name(Unknown Source)",
        "at com.acme.User_$$_javassist_{n}.name(User_$$_javassist_{n}.java)",
        "at com.acme.Cart.pay(Cart.java:{n}) ~[shop-{n}.jar:na]",
        "   at Acme.Cart.<>c__DisplayClass{n}_0.<Pay>b__{n}(Item i)",
        "2   Shop 0x0000000{h}a __42-[Cart pay:]_block_invoke_{n} + {n}",
        "2   Shop 0x0000000{h}a Cart.pay() (Cart.swift:{n})",
        "2   Shop 0x0000000{h}a 0x1{h} + 4711",
    ],
)
def test_what_is_made_anew_in_each_run_or_build_does_not_count(form, first, second, hexes):
    one, other = (form.format(n=n, h=h) for n, h in zip((first, second), hexes, strict=True))
    counted = grounds("E", stack=[one], message=None)
    assert counted.frames
    assert counted == grounds("E", stack=[other], message=None)


@pytest.mark.parametrize("file", ["SourceFile", "Cart.java", "Cart.kt", "r8-map-id-0a1b2c"])
def test_class_tells_more_than_its_file(file):
    assert digest(f"at com.acme.Cart.pay({file}:3)") == digest("at com.acme.Cart.pay(Cart.java:9)")


@pytest.mark.parametrize(
    "name",
    [
        "middleware.ts",
        "actions.ts",
        "schema.ts",
        "[id].tsx",
        "[...slug].tsx",
        "_layout.tsx",
        "edit.vue",
    ],
)
def test_names_that_many_files_have_need_their_folder(name):
    cart = digest(f"at load (/app/src/routes/cart/{name}:1:2)")
    assert cart != digest(f"at load (/app/src/routes/orders/{name}:1:2)")
    assert cart == digest(f"at load (/home/jo/build/7/src/routes/cart/{name}:3:4)")


def test_address_of_letters_alone_does_not_count():
    address = "febf:ffff:ffff:ffff:ffff:ffff:ffff:fffa"
    assert message_words(f"No such host: {address}") == message_words("No such host: ::1")
