"""What was refused lately, above the inbox: in words, with what to do."""

import re

import pytest

from app.blueprints.console.projects.loss_words import words_for
from app.domain.losses import LossKind, LossReason, LossSource
from app.services import losses, projects
from app.services.losses.report import LossSum
from app.services.pages.lost_lately import LostLately

INBOX = "/projects/1/inbox"
ISSUES = "/projects/1/issues"
HEADING = "Not taken, or only in part, in the last 7 days"


@pytest.fixture
def page(as_owner_of_project, project):
    return as_owner_of_project


@pytest.fixture
def lose(app, clock, project):
    def count(kind=LossKind.EVENT, reason=LossReason.BUNDLE_MISMATCH, **values):
        with app.app_context():
            losses.count(project.id, kind=kind, reason=reason, now=clock(), **values)
            app.extensions["losses"].flush()

    return count


@pytest.fixture
def pin(app, clock, project):
    def change(**values):
        with app.app_context():
            projects.change(project.id, values, actor=None, now=clock())

    return change


def test_nothing_is_said_where_nothing_is_lost(page):
    page.get(INBOX)
    assert HEADING not in page.text


def test_events_of_another_app_are_told_with_both_names_and_the_way_to_the_setting(page, lose, pin):
    pin(bundle_id="com.acme.app")
    lose(named_app="com.acme.alpha", quantity=4)
    lose(named_app="com.acme.beta", quantity=210)
    page.get(INBOX)
    assert (
        "214 events were refused: they name the app com.acme.beta, this project is pinned to"
        " com.acme.app." in page.text
    )
    assert re.search(r'pinned to com.acme.app\..*?href="/projects/1/settings"', page.page, re.S)


def test_what_pinning_refused_before_it_was_changed_says_so(page, lose, pin):
    pin(bundle_id="com.acme.beta")
    lose(named_app="com.acme.beta")
    page.get(INBOX)
    assert "1 event was refused: it names the app com.acme.beta, and this project was" in page.text
    pin(bundle_pinning=False)
    page.get(INBOX)
    assert "That was changed since" in page.text


def test_feedback_over_the_limit(page, lose):
    lose(LossKind.FEEDBACK, LossReason.LIMITED, quantity=57)
    page.get(INBOX)
    assert "57 pieces of feedback were over the limit of 100 a minute." in page.text


def test_it_goes_by_itself_a_week_after_the_last(page, lose, clock):
    lose(quantity=1)
    clock.advance(days=6)
    lose(quantity=2)
    page.get(INBOX)
    assert "3 events were refused" in page.text
    clock.advance(days=1)
    page.get(INBOX)
    assert "2 events were refused" in page.text
    clock.advance(days=6)
    page.get(INBOX)
    assert HEADING not in page.text


def test_the_most_comes_first_and_more_than_three_reasons_wait_behind_a_word(page, lose):
    for quantity, kind in enumerate(
        (LossKind.FEEDBACK, LossKind.SESSION, LossKind.EVENT, LossKind.ATTACHMENT, LossKind.OTHER),
        start=1,
    ):
        lose(kind, LossReason.UNSUPPORTED, quantity=quantity)
    page.get(INBOX)
    shown = re.findall(r"<strong>(\d)", page.page)
    assert shown == ["5", "4", "3", "2", "1"]
    assert "And for 2 other reasons" in page.text


def test_it_is_there_beside_feedback_too(page, lose, make_feedback):
    make_feedback()
    lose()
    page.get(INBOX)
    assert HEADING in page.text


def test_a_member_of_another_project_sees_none_of_it(browser_of, make_account, make_project, lose):
    lose()
    stranger = make_account("stranger@example.com")
    other = make_project("Other", owner_id=stranger.id)
    theirs = browser_of(stranger)
    theirs.get(f"/projects/{other.id}/inbox")
    assert HEADING not in theirs.text


def words(**values):
    one = {"source": "server", "kind": "event", "reason": "x", "count": 2, "named_app": None}
    (found,) = words_for(LostLately(1, [LossSum(**one | values)], "com.acme.app"))
    return found


@pytest.mark.sqlite_only("words ask no database")
@pytest.mark.usefixtures("context")
class TestWords:
    @pytest.mark.parametrize("kind", LossKind)
    @pytest.mark.parametrize("reason", LossReason)
    def test_each_reason_of_each_kind_is_a_sentence_with_something_to_do(self, kind, reason):
        one, many = (words(kind=kind, reason=reason, count=count) for count in (1, 1200))
        verbs = "came|met|broke off"
        if kind is LossKind.ATTACHMENT:
            assert re.match(rf"1 byte of attached files (was|{verbs}) ", one.what)
            assert re.match(rf"1.2 kB of attached files (were|{verbs}) ", many.what)
        else:
            assert re.match(rf"1 (piece of feedback|[a-z ]*[a-rt-z]) (was|{verbs}) ", one.what)
            assert re.match(rf"1,200 (pieces of feedback|[a-z ]*s) (were|{verbs}) ", many.what)
        for each in (one, many):
            assert each.what.endswith(".") and each.advice.endswith(".")
            assert reason.value not in each.what or reason.value in ("unsupported", "limited")

    def test_a_reason_of_a_newer_version_is_told_by_its_name(self):
        assert words(reason="sampled").what == "2 events were lost: sampled."

    def test_a_kind_of_a_newer_version_has_a_noun(self):
        assert words(kind="replay", reason="too_large").what.startswith("2 other items were")

    def test_what_the_app_lost_itself_is_not_said_to_be_refused(self):
        found = words(source=LossSource.CLIENT, reason="network_error", count=1)
        assert found.what == (
            "Lost on devices: 1 event (this service could not be reached, or refused it)."
        )

    def test_a_reason_that_only_an_sdk_knows_is_told_by_its_name(self):
        found = words(source=LossSource.CLIENT, reason="insufficient_data", count=2)
        assert found.what == "Lost on devices: 2 events (insufficient_data)."


def test_issues_page_tells_of_lost_events_and_of_nothing_else(page, lose):
    page.get(ISSUES)
    assert HEADING not in page.text
    lose(LossKind.FEEDBACK, LossReason.LIMITED, quantity=57)
    page.get(ISSUES)
    assert HEADING not in page.text
    lose(LossKind.EVENT, LossReason.LIMITED, quantity=3)
    page.get(ISSUES)
    assert HEADING in page.text
    assert "3 events" in page.text
    assert "57 pieces" not in page.text


def test_what_devices_lost_is_told_as_theirs_with_what_to_do(page, lose):
    lose(source=LossSource.CLIENT, reason="network_error", quantity=3)
    page.get(INBOX)
    assert "Lost on devices: 3 events (this service could not be reached, or refused it)." in (
        page.text
    )
    assert "Look whether a proxy in front" in page.text


def test_attached_files_are_told_in_bytes_and_counted_with_nothing_else(page, lose):
    lose(kind=LossKind.ATTACHMENT, reason=LossReason.TOO_LARGE, quantity=7_340_032)
    lose(quantity=4)
    page.get(INBOX)
    assert "7.3 MB of attached files were not kept" in page.text
    page.get("/projects")
    assert "Lost 4 " in page.text
