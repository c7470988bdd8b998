"""Which app versions feedback came with: the one told last first, however many there are."""

import pytest

from app.services.feedback import versions

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def told(project):
    """All pages, one after the other."""

    def read(limit=3, words=None):
        found, before, pages = [], None, 0
        while before is not None or not pages:
            page = versions.list_page(project.id, limit=limit, before=before, words=words)
            found, before, pages = found + page.versions, page.next_before, pages + 1
            assert pages < 100
        return found

    return read


@pytest.fixture(params=["few", "many"])
def tell(request, monkeypatch, make_feedback):
    """Feedback with these versions, where there are few of them, and where there are many."""
    if request.param == "many":
        monkeypatch.setattr(versions, "_FEW_VERSIONS", 2)
        monkeypatch.setattr(versions, "_WALKED_ROWS", 4)

    def make(*some, **fields):
        for version in some:
            make_feedback(**({"app_version": version} if version else {}), **fields)

    return make


def test_each_version_is_told_once_and_none_of_another_project(tell, told, make_project):
    tell("1.1", "1.0", None, "1.1", "2.0", "1.10")
    tell("9.9", project_id=make_project("Other").id)
    assert told() == ["1.10", "2.0", "1.1", "1.0"]


def test_a_project_without_feedback_has_no_versions(tell, told):
    assert told() == []


def test_pages_hold_all_and_each_once(tell, told):
    some = [f"1.{number}" for number in range(12)]
    tell(*some, *[None] * 9, *some[::3], *["2.0"] * 7)
    expected = ["2.0", *some[::3][::-1], *(each for each in some[::-1] if each not in some[::3])]
    assert told() == told(limit=1) == told(limit=50) == expected


def test_words_narrow_them_as_a_search_does(tell, told):
    tell("1.0-Beta", "1.0", "2.0-BETA", "3.0")
    assert told(words="beta") == ["2.0-BETA", "1.0-Beta"]
    assert told(words="nothing") == []
