"""Versions in the order of semver.org, and all other names in some order that holds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.release_order import in_order, version_key

# Each line rises.
RISING = [
    # semver.org, section 11
    "1.0.0 2.0.0 2.1.0 2.1.1",
    "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1"
    " 1.0.0",
    "1.0.0-1 1.0.0-2 1.0.0-10 1.0.0-a 1.0.0",
    "1.9 1.10 1.11.0 2",
    "0.9 1 1.0.1 1.0.1.1 1.0.2",
    "v1.9.0 v1.10.0",
    "v1.9 1.10 V1.11",
    "com.acme.app@1.4.2+9 com.acme.app@1.4.2+33 com.acme.app@1.4.10+1",
    "1.4.2+9 1.4.2+33 1.4.10+1",
    "1.4.2+9-hotfix 1.4.3-0",
    "2024-05-07 2024-05-08 2024-10-01 2025-01-01",
    "2024.5.7 2024.05.08 2024-10-01",
    "20240507 20241001",
    "release-1.9 release/1.10 Release_1.11",
    "react@18.3.0-canary react@18.3.0 react@19.0.0-rc.0 react@19",
    "1.0a1 1.0b2 1.0rc1 1.0",
    "5.4.1.Alpha 5.4.1.Final 5.4.2.Final",
    "1.0.0-SNAPSHOT 1.0.0.RELEASE 1.0.1-GA",
    "0.0.1 unknown",
    "0.1 3ff2c7ccd",
    f"1.{'9' * 4999} 1.1{'0' * 4999} 2",
]
names = st.one_of(
    st.text(),
    st.text(st.sampled_from("0123456789.-+@v_ ()abrc")),
    st.from_regex(r"(com\.acme@)?v?[0-9]{1,3}(\.[0-9]{1,3}){0,4}(-[a-z0-9.]{1,6})?(\+[0-9]{1,3})?"),
)


@pytest.mark.parametrize("line", RISING)
def test_versions_rise(line):
    rising = line.split(" ")
    assert in_order(sorted(rising, reverse=True)) == in_order(sorted(rising)) == rising


@pytest.mark.parametrize("first, second", [("1.4.2 (9)", "1.4.2 (33)"), ("1.4 beta", "1.4")])
def test_versions_with_a_blank_rise(first, second):
    assert in_order([second, first]) == [first, second]


@pytest.mark.parametrize(
    "first, second",
    [
        ("1.4", "1.4.0"),
        ("v1.4", "1.4"),
        ("a@1.4", "b@1.4.0"),
        ("1.04", "1.4"),
        ("1.4.Final", "1.4"),
    ],
)
def test_one_version_by_several_names_is_equal(first, second):
    assert version_key(first) == version_key(second) is not None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "unknown",
        "other",
        "main",
        "feature/cart",
        "3ff2c7ccd",
        "1e100x",
        "..",
        "-",
        "v",
        "@",
        "+",
    ]
    + ["beta-1", "版", "١.٢", "²", "1.4.2x86", "\n1.0"],
)
def test_what_is_no_version_has_none(name):
    assert version_key(name) is None


def test_what_has_no_version_stands_last_in_the_order_in_which_it_appeared():
    appeared = ["main", "1.10", "feature", "a", "1.9"]
    assert in_order(appeared) == ["1.9", "1.10", "main", "feature", "a"]


@given(st.lists(names, unique=True), st.randoms())
def test_the_order_is_one_whatever_it_is_sorted_from(some_names, chance):
    with_version = [name for name in some_names if version_key(name)]
    shuffled = chance.sample(with_version, len(with_version))
    assert in_order(shuffled) == in_order(with_version)
    assert sorted(in_order(some_names)) == sorted(some_names)
    assert in_order(in_order(some_names)) == in_order(some_names)


@given(st.lists(names.filter(version_key), min_size=2, unique=True))
def test_each_version_stands_before_all_behind_it(some_names):
    keys = [(version_key(name), name) for name in in_order(some_names)]
    assert all(before < behind for before, behind in pairwise(keys))


@given(
    st.lists(st.integers(0, 10**30), min_size=1, max_size=6),
    st.lists(st.integers(0, 10**30), min_size=1, max_size=6),
)
def test_numbers_are_compared_as_numbers(first, second):
    one, other = (version_key(".".join(map(str, numbers))) for numbers in (first, second))
    padded = [numbers + [0] * (6 - len(numbers)) for numbers in (first, second)]
    assert (one < other, one == other) == (padded[0] < padded[1], padded[0] == padded[1])
