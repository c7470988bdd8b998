"""What real SDKs sent is read without a loss, and without what may not be kept."""

from datetime import UTC, datetime

import pytest

from app.domain.losses import LossReason
from app.domain.session_status import SessionStatus
from app.services.issues.new_event import clean
from tests.sentry.pure import PureService
from tests.sentry.samples_read import load
from tests.sentry.vectors import Place

# After the last of them was sent.
NOW = datetime(2026, 11, 30, 2, 31, tzinfo=UTC)
SAMPLES = load()
EVENTS = ("event", "store-exception", "store-message")
UNSUPPORTED = {
    "check_in": "monitor",
    "log": "log_item",
    "span": "span",
    "trace_metric": "trace_metric",
    "transaction": "transaction",
}
# As the SDKs put it into their requests.
SECRETS = (
    "alice@example.com",
    "private@example.com",
    "ip_address",
    "Mozilla/5.0",
    "context_line",
    "pre_context",
    "captureException",
    "SourceFileLoader",
    "server_name",
    "token=abc",
    "4111 1111",
)
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def read(sample):
    service = PureService(Place(now=NOW, project=sample.project))
    status, _, body = service.answer(sample.request)
    assert status == 200, body
    return service.reports[0]


@each_sample
def test_each_part_of_a_request_is_found(sample):
    reports, kinds = read(sample), sample.kinds
    is_feedback = "feedback" in kinds or "user_report" in kinds
    assert len(reports.feedback) == is_feedback
    # Python sends feedback as an event.
    assert len(reports.events) == (not is_feedback and any(kind in EVENTS for kind in kinds))
    assert bool(reports.sessions) == ("session" in kinds)
    assert bool(reports.aggregates) == ("sessions" in kinds)
    assert bool(reports.discarded) == ("client_report" in kinds)
    attachments = len(reports.attachments) + len(reports.attachments_not_kept)
    assert attachments == kinds.count("attachment")


@each_sample
def test_nothing_is_lost_but_what_is_not_kept_at_all(sample):
    lost = [each for each in read(sample).losses if each.category != "attachment"]
    assert [each.category for each in lost] == [
        UNSUPPORTED[kind] for kind in sample.kinds if kind in UNSUPPORTED
    ]
    assert {each.reason for each in lost} <= {LossReason.UNSUPPORTED}


@each_sample
def test_what_may_not_be_kept_is_not_there(sample):
    reports = read(sample)
    kept = repr([clean(each.event) for each in reports.events])
    kept += repr([(each.feedback.message, each.feedback.details) for each in reports.feedback])
    kept += repr((reports.sessions, reports.aggregates))
    assert [secret for secret in SECRETS if secret in kept] == []


@pytest.mark.parametrize(
    "sample", [each for each in SAMPLES if each.name != "raven-6.10--store-message--2"], ids=str
)  # which was sent without any of them
def test_version_place_and_person_are_read(sample):
    reports = read(sample)
    for each in reports.events:
        assert each.event.release.removeprefix("shop@").startswith("1.4.2")
        assert (each.event.environment, each.event.user_id) == ("staging", "u-77")
        assert each.event.context["sdk"]
    for each in reports.sessions:
        assert each.report.release.startswith("shop@1.4.2")
        assert each.report.environment == "staging"
    for each in reports.aggregates:
        assert each.attributes.release.startswith("shop@1.4.2")
        assert sum(each.buckets[0].sessions.values()) == 3


@each_sample
def test_exceptions_have_stacks_and_messages_have_words(sample):
    for each in read(sample).events:
        event = clean(each.event)
        if event.exception_type == "Message":
            assert event.grounds.frames == ()
            assert event.grounds.words
        else:
            assert event.content["stack"]
            assert event.grounds.frames
        assert event.message


def test_errors_of_a_browser_are_no_crash_in_the_newest_sdk_and_one_in_version_7():
    last = {
        name: read(next(each for each in SAMPLES if each.name == name)).sessions[0].report
        for name in ("browser-11.12--session--3", "browser-7.120--session--3")
    }
    newest, older = last.values()
    assert (newest.status, newest.has_unhandled) == (SessionStatus.ERRORED, True)
    assert (older.status, older.has_unhandled) == (SessionStatus.CRASHED, False)


def test_old_javascript_tells_milliseconds_that_cannot_be_seconds():
    # It lasted 2 milliseconds, and tells 2; which of both it is cannot be told from so few.
    sample = next(each for each in SAMPLES if each.name == "browser-5.30--session--1")
    assert read(sample).sessions[0].report.duration_ms == 2000
