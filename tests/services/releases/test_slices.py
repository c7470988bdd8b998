"""A release by operating system, environment and version."""

import pytest

from app.domain.release_health import Window
from app.domain.release_slices import SliceBy
from app.domain.user_key import user_key
from app.services.releases import slices
from app.services.sessions import ledger


@pytest.fixture
def sliced(context, project, clock):
    def read(by="os_name", release="1.0", **window):
        asked = Window(today=clock().date(), **window)
        return slices.list_page(project.id, asked, SliceBy(by), limit=100)[1][release]

    return read


def by_value(found):
    return {each.value: (each.sessions_total, each.users_total) for each in found.slices}


def test_user_of_two_slices_is_one_user_of_each(record, sliced):
    for os_name, environment in (("iOS", "production"), ("iOS", "staging"), ("Android", "staging")):
        record(user="ann", os_name=os_name, environment=environment)
    assert by_value(sliced()) == {"iOS": (2, 1), "Android": (1, 1)}
    assert by_value(sliced("environment")) == {"production": (1, 1), "staging": (2, 1)}
    assert by_value(sliced(environment="staging")) == {"iOS": (1, 1), "Android": (1, 1)}


@pytest.mark.parametrize("by", SliceBy)
def test_of_many_values_those_with_most_sessions_are_listed_and_the_others_are_one(
    record, sliced, by
):
    for number in range(23):
        for again in range(2 if number < 20 else 1):
            crashed = number == 21
            record(
                "crashed" if crashed else "ok",
                user=f"user {number % 22}",
                **{"environment": "production", by: f"value {number:02}"},
            )
    found = sliced(by)
    assert {each.value for each in found.slices} == {f"value {number:02}" for number in range(20)}
    assert found.other.values == 3
    assert (found.other.sessions_total, found.other.sessions_crashed) == (3, 1)
    # Number 22 has the user of number 0, whom nobody else in the rest has.
    assert (found.other.users_total, found.other.users_crashed) == (3, 1)


def test_page_ends_before_its_releases_have_too_many_sessions(record, project, clock, monkeypatch):
    monkeypatch.setattr(slices, "_MOST_SESSIONS_OF_PAGE", 5)
    for release, count in (("1.0", 7), ("2.0", 3), ("3.0", 2)):
        for _ in range(count):
            record(release=release)
        clock.advance(minutes=1)
    assert pages_of(project, clock) == [["3.0", "2.0"], ["1.0"]]


def test_page_ends_before_it_has_too_many_releases(record, project, clock, monkeypatch):
    monkeypatch.setattr(slices, "_MOST_RELEASES_OF_PAGE", 2)
    for number in range(5):
        record(release=f"{number}.0")
        clock.advance(minutes=1)
    assert pages_of(project, clock) == [["4.0", "3.0"], ["2.0", "1.0"], ["0.0"]]


def pages_of(project, clock):
    window, pages, before = Window(today=clock().date()), [], None
    while True:
        page, found = slices.list_page(
            project.id, window, SliceBy.OS_NAME, limit=100, before=before
        )
        pages.append([row.release for row in page.rows])
        assert list(found) == pages[-1]
        before = page.next_before
        if before is None:
            return pages


def test_slices_lose_the_sessions_that_are_purged(record, sliced, purge, clock, settings):
    record(user="ann", os_name="iOS")
    clock.advance(days=settings.session_retention_days + 1)
    record(user="ann", os_name="Android")
    purge()
    assert by_value(sliced(days=90)) == {"Android": (1, 1)}
    assert list(ledger.verify()) == []


def test_erased_person_stays_one_user_of_each_slice(record, sliced, sql):
    """Their key becomes another in all of a release at once, as session_unlinking does."""
    record("crashed", user="ann@example.com", os_name="iOS")
    record(user="ann@example.com", os_name="iOS")
    before = sliced()
    for table in ("sessions", "release_users"):
        sql(
            f"UPDATE {table} SET user_key = ? WHERE user_key = ?",
            b"r" * 16,
            user_key("ann@example.com"),
        )
    assert sliced() == before
