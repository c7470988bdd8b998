"""Kinds that a second look found: Ruby's stacks, more libraries, places of builds, codes."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.frames import frame_of
from app.domain.grouping.fingerprint import grounds
from app.domain.grouping.message_words import message_words
from tests.domain.grouping.test_kinds import digest, hexadecimal

NUMBER = st.integers(1, 9999)
FOLDERS = st.text(string.ascii_lowercase, min_size=4, max_size=8).map("feature{}".format)


@given(NUMBER, NUMBER, st.sampled_from("`'"), st.sampled_from("`'"))
def test_lines_and_versions_of_ruby_do_not_count(one, other, quote, other_quote):
    line = "/srv/app/models/cart.rb:{}:in {}{}pay'"
    old = digest(line.format(one, quote, "block (2 levels) in "))
    assert old == digest(line.format(other, other_quote, "Cart#"))
    assert old != digest(line.format(one, quote, "").replace("pay", "list"))


@pytest.mark.parametrize(
    "line",
    [
        "/usr/local/bundle/gems/rack-3.0.8/lib/rack/x.rb:9:in `call'",
        "vendor/bundle/ruby/3.2.0/gems/puma-6.4.0/lib/puma/x.rb:9:in 'run'",
        "/home/u/.rbenv/versions/3.2.2/lib/ruby/3.2.0/net/http.rb:9:in `start'",
        "<internal:kernel>:187:in `loop'",
    ],
)
def test_libraries_of_ruby_do_not_count(line):
    assert frame_of(line) is not None
    own = "/srv/app/models/cart.rb:9:in `pay'"
    assert digest(line, own) == digest(own)


PLACES_OF_LIBRARIES = {
    "at {}.Thing.run(Thing.java:1)": "org.jooq.impl com.google.inject.internal j$.util butterknife"
    " com.revenuecat.purchases org.greenrobot.eventbus liquibase io.micronaut org.bouncycastle",
    "   at {}.Thing.Run()": "Amazon.Runtime Azure.Core NHibernate Java.Interop Android.App",
    "3   {}   0x00000001a1b2c3d4 run + 20": "SwiftData Kingfisher RxSwift FBSDKCoreKit CloudKit"
    " RNReanimated ExpoModulesCore SDWebImage UserNotifications",
    "at run ({}:1:2)": "extensions::messaging https://a.example/@vite/client userscript.html?name=x"
    " https://ga.jspm.io/npm:react@18.2.0/index.js https://www.google.com/recaptcha/api.js",
    'File "{}", line 9, in run': "<frozen\u00a0importlib._bootstrap>"
    " /usr/lib/python3/dist-packages/x.py",
}


@pytest.mark.parametrize(
    "frame",
    [
        frame.format(place.replace("\u00a0", " "))
        for frame, places in PLACES_OF_LIBRARIES.items()
        for place in places.split(" ")
    ],
)
def test_libraries_above_own_code_do_not_count(frame):
    own = "at com.acme.Cart.pay(Cart.kt:3)"
    assert digest(frame, own) == digest(own)


BUILD_PLACES = [
    "/builds/{n}/shop",
    "/home/runner/work/shop/shop",
    "D:/a/shop/shop",
    "/vercel/path{n}",
    "/var/task",
    "/usr/src/app",
    "/codebuild/output/src{n}",
    "/var/lib/jenkins/workspace/shop_{n}",
    "/nix/store/{h}-shop-1.{n}",
    "/var/lib/docker/overlay2/{h}/merged/app",
    "/data/app/~~{h}==/com.acme-{h}==",
]


@pytest.mark.parametrize("place", BUILD_PLACES)
@given(FOLDERS, FOLDERS, NUMBER, hexadecimal(16))
def test_where_it_was_built_does_not_count_and_the_folder_does(place, folder, other, number, h):
    place = place.format(n=number, h=h)
    built = digest(f"at load ({place}/src/{folder}/index.js:1:2)")
    assert built == digest(f"at load (/app/src/{folder}/index.js:3:4)")
    assert (folder == other) == (built == digest(f"at load ({place}/src/{other}/index.js:1:2)"))


def test_the_bundle_of_a_phone_lies_anywhere():
    assert digest("pay@/data/app/index.android.bundle:1:2") == digest(
        "at pay (address at index.android.bundle:1:9)"
    )


@pytest.mark.parametrize(
    "name", ["entry.client.tsx", "app.component.ts", "index.html.erb", "base.js"]
)
@given(FOLDERS, FOLDERS)
def test_names_of_several_empty_words_say_nothing(name, folder, other):
    one = digest(f"at load (/app/src/{folder}/{name}:1:2)")
    assert (folder == other) == (one == digest(f"at load (/app/src/{other}/{name}:1:2)"))


@pytest.mark.parametrize("accessor", ["get", "set"])
def test_accessors_are_one_in_all_browsers(accessor):
    chrome = f"at Cart.{accessor} total [as total] (https://a.example/cart.js:1:2)"
    assert digest(chrome) == digest(f"{accessor} total@https://a.example/cart.js:1:2")


@given(st.integers(500, 1100), st.integers(500, 1100))
def test_what_lies_below_an_endless_recursion_does_not_count(one, other):
    frame = "at com.acme.Tree.walk(Tree.java:3)"
    main = "at com.acme.Main.main(Main.java:1)"
    assert digest(*[frame] * one) == digest(*[frame] * other, main)


def turning(size: int) -> st.SearchStrategy[str]:
    """Letters and digits by turns."""
    pairs = st.tuples(st.sampled_from(string.ascii_uppercase), st.sampled_from(string.digits))
    return st.lists(pairs.map("".join), min_size=size, max_size=size).map("".join)


MONTHS = st.sampled_from("Januar mai décembre mayo dicembre sierpnia maart augusti".split())
VALUES = {
    "codes": turning(4) | st.tuples(turning(2), turning(2)).map("-".join),
    "digests": st.uuids().map("urn:uuid:{}".format),
    "digests of images": hexadecimal(12, 16, 64).map("sha256:{}".format),
    "ids below a name": hexadecimal(24).map("order/{}".format),
    "durations": st.integers(1, 99).flatmap(
        lambda n: st.sampled_from([f"PT{n}S", f"PT{n}H{n}M", f"P{n}D", f"P1Y{n}M"])
    ),
    "durations with a blank": st.builds(
        "{} {}".format, NUMBER, st.sampled_from(["ms", "sec", "seconds", "min", "minutes", "hours"])
    ),
    "dates of Europe": st.builds(
        "{}{} {} {}".format,
        st.integers(1, 31),
        st.sampled_from(["", "."]),
        MONTHS,
        st.integers(1990, 2030),
    ),
    "days of months": st.integers(1, 28).map("April {}th".format),
    "numbers with lines": st.integers(1000, 10**9).map("{:_}".format),
    "binary numbers": st.integers(0, 999).map(bin),
    "lists": st.lists(st.integers(0, 99), min_size=1).map(str),
}


@pytest.mark.parametrize("kind", VALUES)
@given(data=st.data())
def test_values_of_a_kind_do_not_count(kind, data):
    one, other = data.draw(VALUES[kind]), data.draw(VALUES[kind])
    for sentence in ("Item {} not found", "Got ({})", "No such thing: {}"):
        assert message_words(sentence.format(one)) == message_words(sentence.format(other))


@pytest.mark.parametrize(
    "message",
    ["node:fs is missing", "com.acme:cart", "Permission denied", "SELECT a/b", "Patch"],
)
def test_words_with_signs_between_them_stay(message):
    assert message_words(message) == message


def test_a_stack_of_ruby_is_told_by_its_frames():
    counted = grounds("E", stack=["app/models/cart.rb:9:in `pay'"], message="x").frames
    assert [(frame.function, frame.file) for frame in counted] == [("pay", "cart")]


@given(st.integers(10**9, 10**15), st.integers(10**9, 10**15), st.sampled_from(["erb", "haml"]))
def test_numbers_of_compiled_templates_do_not_count(one, other, kind):
    line = f"app/views/carts/show.html.{kind}:3:in `_app_views_carts_show_html_{kind}__{{}}'"
    assert digest(line.format(one)) == digest(line.format(f"_{other}_{one}"))
