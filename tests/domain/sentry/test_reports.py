"""Whole envelopes: each of their items is stored, or counted as lost, and never neither."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.losses import LossReason
from app.domain.sentry.envelope import ATTACHMENT_MAX_BYTES, JSON_MAX_BYTES
from app.domain.sentry.reading import reports_of, reports_of_event
from app.domain.sentry.reports import Lost
from tests.domain.sentry import jsons
from tests.domain.sentry.envelopes import read, written

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
E1, E2, MADE = (UUID(int=n) for n in (1, 2, 3))
EVENT = ({"type": "event"}, {"message": "hello"})
FEEDBACK = ({"type": "feedback"}, {"contexts": {"feedback": {"message": "m"}}})
SESSION = ({"type": "session"}, {"sid": str(E1), "status": "ok"})
PNG = b"\x89PNG\r\n\x1a\n\n"


def told(*items, allowance=None, **headers):
    with read(written(headers, *items), size=65536) as envelope:
        more = {} if allowance is None else {"allowance": allowance}
        return reports_of(envelope, now=NOW, new_id=lambda: MADE.bytes, **more)


payloads = st.one_of(
    st.tuples(st.just("event"), jsons.events),
    st.tuples(st.just("feedback"), jsons.events),
    st.tuples(st.just("user_report"), jsons.nearly("event_id comments name email", leaves=4)),
    st.tuples(st.just("session"), jsons.sessions),
    st.tuples(st.just("sessions"), jsons.aggregates),
    st.tuples(st.just("client_report"), jsons.client_reports),
    st.tuples(st.sampled_from(["span", "replay_video", "x"]), st.binary(max_size=20)),
    st.tuples(st.just("attachment"), st.binary(max_size=20) | st.just(PNG)),
    st.tuples(st.sampled_from(["event", "session", "sessions", "feedback"]), st.binary(max_size=9)),
)


@given(sent=st.lists(payloads, max_size=5), headers=jsons.nearly("event_id sent_at trace release"))
def test_each_item_is_kept_or_counted(sent, headers):
    reports = told(
        *(({"type": kind, "length": True}, payload) for kind, payload in sent), **headers
    )
    kept = [
        *reports.events,
        *reports.feedback,
        *reports.sessions,
        *reports.attachments,
        # A sum may be counted in part; and one without any bucket says nothing.
        *(each for each in reports.aggregates if not each.lost),
    ]
    says_nothing = sum(kind == "client_report" for kind, _ in sent) + sum(
        kind == "sessions" and isinstance(payload, dict) and payload.get("aggregates") == []
        for kind, payload in sent
    )
    assert len(kept) + len(reports.losses) + says_nothing >= len(sent)
    assert all(len(each.sentry_id) == 16 for each in reports.events)


@pytest.mark.parametrize("item", [EVENT, FEEDBACK])
def test_id_of_the_envelope_beats_that_of_the_payload(item):
    headers, payload = item
    reports = told((headers, {**payload, "event_id": E2.hex}), event_id=str(E1).upper())
    (one,) = [*reports.events, *reports.feedback]
    assert one.sentry_id == reports.sentry_id == E1.bytes


@pytest.mark.parametrize(
    ("event_id", "payload_id", "sentry_id"),
    [
        (None, E2.hex, E2),
        ("nonsense", E2.hex, E2),
        ("0" * 32, E2.hex, E2),
        (None, None, MADE),
        (E1.hex, None, E1),
    ],
)
def test_event_has_the_id_that_is_there_or_one_that_is_made(event_id, payload_id, sentry_id):
    reports = told((EVENT[0], {"message": "m", "event_id": payload_id}), event_id=event_id)
    assert reports.events[0].sentry_id == reports.sentry_id == sentry_id.bytes


def test_feedback_without_an_id_has_none():
    reports = told(FEEDBACK)
    assert (reports.feedback[0].sentry_id, reports.sentry_id) == (None, None)


@pytest.mark.parametrize(("second", "sentry_id"), [(E2, E2), (E1, MADE), (None, MADE)])
def test_further_events_of_an_envelope_have_ids_of_their_own(second, sentry_id):
    again = (EVENT[0], {"message": "again", "event_id": second and second.hex})
    reports = told(EVENT, again, event_id=E1.hex)
    assert [each.sentry_id for each in reports.events] == [E1.bytes, sentry_id.bytes]
    assert reports.sentry_id == E1.bytes


def test_user_report_does_not_take_the_id_of_its_envelope():
    reports = told(({"type": "user_report"}, {"comments": "m"}), EVENT, event_id=E1.hex)
    assert reports.feedback[0].sentry_id is None
    assert reports.feedback[0].feedback.event_ref == E1.bytes
    assert reports.events[0].sentry_id == E1.bytes


def test_transaction_within_an_event_is_not_kept():
    reports = told((EVENT[0], {"type": "transaction"}), event_id=E1.hex)
    assert (reports.events, reports.is_invalid) == ([], False)
    assert reports.losses == [Lost("transaction", LossReason.UNSUPPORTED)]
    assert reports.has_unsupported


def test_clock_of_the_device_is_put_right():
    happened = (EVENT[0], {"message": "m", "timestamp": "2026-11-20T11:00:00Z"})
    reports = told(happened, sent_at="2026-11-20T12:00:00Z")
    assert reports.events[0].event.occurred_at == NOW - timedelta(hours=1)


INVALID_FEEDBACK = ({"type": "feedback"}, {"contexts": {"feedback": {"message": " "}}})
INVALID_REPORT = ({"type": "user_report"}, {"comments": ""})
NO_JSON = ({"type": "event"}, b"no JSON")
NO_SID = ({"type": "session"}, {"status": "ok"})
OLD_SESSION = ({"type": "session"}, {"sid": E1.hex, "started": "2026-01-01T00:00:00Z"})
POISON = ({"type": "sessions"}, {"aggregates": [{"exited": -1}]})
SPAN = ({"type": "span"}, {})


@pytest.mark.parametrize(
    ("items", "is_invalid"),
    [
        ([], False),
        ([EVENT], False),
        ([INVALID_FEEDBACK], True),
        ([INVALID_REPORT], True),
        ([EVENT, INVALID_FEEDBACK], True),
        ([NO_JSON], True),
        ([NO_SID, POISON, NO_JSON], True),
        ([EVENT, NO_SID, POISON, NO_JSON], False),
        ([SPAN, NO_SID], False),
        ([OLD_SESSION], False),
        ([SPAN], False),
        ([({"type": "sessions"}, {"aggregates": []})], False),
    ],
)
def test_request_is_invalid_by_feedback_or_when_all_of_it_is(items, is_invalid):
    reports = told(*items)
    assert reports.is_invalid == is_invalid
    assert bool(reports.causes) == any(
        item in (INVALID_FEEDBACK, INVALID_REPORT, NO_JSON, NO_SID, POISON) for item in items
    )
    assert len(reports.events) == items.count(EVENT)


def test_broken_items_are_counted_by_kind_and_reason():
    too_large = (EVENT[0], b"[" + b"x" * JSON_MAX_BYTES)
    costly = (EVENT[0], b'{"x":[' + b"0," * 60_000 + b"0]}")
    found = told(INVALID_FEEDBACK, INVALID_REPORT, NO_JSON, NO_SID, OLD_SESSION, POISON, SPAN,
                 too_large, costly).losses  # fmt: skip
    assert [(each.category, each.reason.value) for each in found] == [
        ("feedback", "invalid"),
        ("feedback", "invalid"),
        ("error", "invalid"),
        ("session", "invalid"),
        ("session", "too_old"),
        ("session", "invalid"),
        ("span", "unsupported"),
        ("error", "too_large"),
        ("error", "too_large"),
    ]


def test_attachments_are_kept_by_what_they_are_and_lost_by_their_bytes():
    def attached(name, payload, **more):
        return ({"type": "attachment", "length": True, "filename": name, **more}, payload)

    reports = told(
        attached("shot.png", PNG, content_type="application/png"),
        attached("a.exe", b"MZ\0\0"),
        attached("crash.dmp", b"MDMP", attachment_type="event.minidump"),
        attached("large.png", PNG.ljust(ATTACHMENT_MAX_BYTES + 1)),
        FEEDBACK,
    )
    assert [(each.name, each.kind, each.size) for each in reports.attachments] == [
        ("shot.png", "image/png", len(PNG))
    ]
    assert [(each.name, each.size, each.reason) for each in reports.attachments_not_kept] == [
        ("a.exe", 4, LossReason.UNSUPPORTED),
        ("crash.dmp", 4, LossReason.UNSUPPORTED),
        ("large.png", ATTACHMENT_MAX_BYTES + 1, LossReason.TOO_LARGE),
    ]
    assert [(each.category, each.quantity) for each in reports.losses] == [
        ("attachment", 4),
        ("attachment", 4),
        ("attachment", ATTACHMENT_MAX_BYTES + 1),
    ]
    assert not reports.has_unsupported  # attachments are never turned off


def test_release_of_the_envelope_is_told_for_what_was_lost():
    item = ({"type": "client_report"}, {"discarded_events": []})
    assert told(item, trace={"release": "shop@1.4.2"}).release == "shop@1.4.2"


@given(event=jsons.events)
def test_any_event_of_the_old_endpoint_is_answered_with_an_id(event):
    reports = reports_of_event(json.loads(json.dumps(event)), now=NOW)
    assert reports.sentry_id is None or len(reports.sentry_id) == 16
    assert reports.sentry_id or reports.is_invalid
    assert len(reports.events) + len(reports.feedback) + len(reports.losses) == 1


def test_what_is_past_the_allowance_is_counted_and_the_rest_is_kept():
    left = {"error": 1, "feedback": 1, "session": 2}

    def allowance(category, count):
        allowed = min(count, left[category])
        left[category] -= allowed
        return allowed

    sums = ({"type": "sessions"}, {"aggregates": [{"exited": 1}, {"exited": 1}, {"exited": 1}]})
    report = ({"type": "user_report"}, {"comments": "m"})
    reports = told(
        EVENT, EVENT, FEEDBACK, report, SESSION, sums, SESSION, SPAN, allowance=allowance
    )
    assert (len(reports.events), len(reports.feedback), len(reports.sessions)) == (1, 1, 1)
    assert len(reports.aggregates[0].buckets) == 1
    assert [(e.category, e.reason.value, e.quantity) for e in reports.losses] == [
        ("error", "limited", 1),
        ("feedback", "limited", 1),
        ("session", "limited", 2),
        ("session", "limited", 1),
        ("span", "unsupported", 1),
    ]
    assert reports.limited == ["error", "feedback", "session"]
    assert not reports.is_invalid


DENSE = b'{"extra":[' + b"[]," * 10_000 + b"[]]}"  # short enough not to be looked at by itself


@pytest.mark.parametrize(
    ("type_", "category"),
    [
        ("event", "error"),
        ("feedback", "feedback"),
        ("user_report", "feedback"),
        ("session", "session"),
        ("sessions", "session"),
        ("client_report", "client_report"),
    ],
)
def test_many_items_may_hold_no_more_than_one(type_, category):
    dense = DENSE if type_ != "client_report" else b'{"x":[' + b"[]," * 1_300 + b"[]]}"
    reports = told(*[({"type": type_}, dense)] * 100, EVENT)
    too_large = [lost for lost in reports.losses if lost.reason is LossReason.TOO_LARGE]
    assert too_large[0] == Lost(category, LossReason.TOO_LARGE)
    assert 80 <= len(too_large) < 100
    # What is short is kept, whatever was left out before it.
    assert reports.events[-1].event.message == "hello"


def test_twenty_events_as_sdks_send_them_are_all_read():
    event = {"message": "a, b " * 2_000, "extra": {str(n): [n, n] for n in range(100)}}
    reports = told(*[({"type": "event"}, event)] * 20)
    assert (len(reports.events), reports.losses) == (20, [])


SUMS = ({"type": "sessions"}, {"aggregates": [{"exited": 1}, {"exited": 2}]})


@pytest.mark.parametrize(
    ("item", "most", "stored_in", "lost"),
    [
        (EVENT, 20, "events", Lost("error", LossReason.TOO_LARGE)),
        (SESSION, 100, "sessions", Lost("session", LossReason.TOO_LARGE)),
        (SUMS, 100, "aggregates", Lost("session", LossReason.TOO_LARGE, 2)),
    ],
)
def test_so_many_of_an_envelope_are_stored_and_the_rest_is_too_large(item, most, stored_in, lost):
    asked = Counter()

    def allowance(category, count):
        asked[category] += count
        return count

    reports = told(*[item] * (most + 3), FEEDBACK, allowance=allowance)
    assert len(getattr(reports, stored_in)) == most
    assert reports.losses == [lost] * 3
    # What is not stored uses up nothing, and costs nothing else.
    assert asked[lost.category] == most * lost.quantity
    assert len(reports.feedback) == 1


@pytest.mark.parametrize("item", [EVENT, SESSION, FEEDBACK])
def test_an_allowance_that_is_used_up_is_asked_for_once(item):
    asked = Counter()

    def two_of_each(category, count):
        asked[category] += 1
        return count if asked[category] <= 2 else 0

    reports = told(*[item] * 10, allowance=two_of_each)
    ((category, times),) = asked.items()
    assert times == 3
    assert reports.losses == [Lost(category, LossReason.LIMITED)] * 8
