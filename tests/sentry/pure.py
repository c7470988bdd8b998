"""Answers requests by the domain alone: no HTTP, no database.

It stands for what the blueprint does with the parts, in its order, and keeps in lists what would be
stored; so vectors that need no more than parsing and normalising are judged without a server.
"""

import json
import re
from urllib.parse import parse_qs, urlsplit

from app.domain.losses import LossReason
from app.domain.sentry.answers import (
    QUIET,
    error_body,
    error_header,
    over_allowance,
    rate_limits_header,
    stored_body,
)
from app.domain.sentry.content_encoding import (
    BodyTooLarge,
    UnknownEncoding,
    UnreadableBody,
    decoded,
)
from app.domain.sentry.credentials import NoCredentials, WrongCredentials, credentials
from app.domain.sentry.envelope import EnvelopeReader, MalformedEnvelope
from app.domain.sentry.ids import read_id
from app.domain.sentry.reading import reports_of, reports_of_event
from app.domain.sentry.store import MAX_BYTES, MalformedEvent, stored_event
from app.domain.session_status import SessionStatus
from app.services.issues.new_event import clean
from tests.domain.sentry.compressed import in_pieces
from tests.domain.test_rising_sessions import Store

ENVELOPE_MAX_BYTES = 50 * 1024 * 1024
_PATH = re.compile(r"/api/(\d+)/(envelope|store)/?")


class PureService:
    def __init__(self, place):
        self.place = place
        self.reports = []
        self.sessions = {}
        # Of this minute, which does not pass.
        self._left = {"error": 600, "feedback": 100, "session": 2000}
        self.answers_with = {
            place.project: {place.key, place.token},
            place.other_project: {place.other_key},
        }

    def answer(self, request):
        """Status, headers, body."""
        try:
            reports = self._reports(request)
        except NoCredentials as error:
            return self._refused(401, error)
        except WrongCredentials as error:
            return self._refused(403, error)
        except UnknownEncoding as error:
            return self._refused(415, error)
        except BodyTooLarge as error:
            return self._refused(413, error)
        except (UnreadableBody, MalformedEnvelope, MalformedEvent) as error:
            return self._refused(400, error)
        self.reports.append(reports)
        for received in reports.sessions:
            store = self.sessions.setdefault(received.report.session_id, (Store(), received))[0]
            store.report(received.report, now=self.place.now)
        if reports.limited:
            limits = [over_allowance(category, seconds=60) for category in reports.limited]
            status, headers, body = self._refused(429, "Too much was sent in this minute.")
            told = {"Retry-After": "60", "X-Sentry-Rate-Limits": rate_limits_header(limits)}
            return status, {**headers, **told}, body
        if reports.is_invalid:
            return self._refused(400, "; ".join(reports.causes))
        headers = {}
        if reports.has_unsupported:
            headers["X-Sentry-Rate-Limits"] = rate_limits_header([QUIET])
        return 200, headers, json.dumps(stored_body(reports.sentry_id)).encode()

    def _reports(self, request):
        url = urlsplit(request.path)
        project, route = _PATH.fullmatch(url.path).groups()
        headers = {name.lower(): value for name, value in request.headers.items()}
        known = credentials(
            int(project),
            x_sentry_auth=headers.get("x-sentry-auth"),
            authorization=headers.get("authorization"),
            query_keys=parse_qs(url.query).get("sentry_key", ()),
        )
        most = ENVELOPE_MAX_BYTES if route == "envelope" else MAX_BYTES
        pieces = decoded(
            in_pieces(request.body, 65536), headers.get("content-encoding"), max_bytes=most
        )
        now = self.place.now
        if route == "store":
            self._check(known)
            event = stored_event(b"".join(pieces))
            return reports_of_event(event, now=now, allowance=self._allowed)
        reader = EnvelopeReader(pieces)
        self._check(known.with_dsn(reader.headers.get("dsn")))
        with reader.read() as envelope:
            return reports_of(envelope, now=now, allowance=self._allowed)

    def _allowed(self, category, count):
        allowed = min(count, self._left[category])
        self._left[category] -= allowed
        return allowed

    def _check(self, known):
        if known.required_key() not in self.answers_with.get(known.project_id, ()):
            raise WrongCredentials

    @staticmethod
    def _refused(status, error):
        body = json.dumps(error_body(str(error))).encode()
        return status, {"X-Sentry-Error": error_header(str(error))}, body

    # What would be stored.

    @property
    def events(self):
        return [each for reports in self.reports for each in reports.events]

    @property
    def feedback(self):
        return [each for reports in self.reports for each in reports.feedback]

    def check_state(self, state):
        for name, told in state.items():
            getattr(self, f"_check_{name}")(told)

    def _check_events(self, count):
        assert len(self.events) == count

    def _check_issues(self, count):
        assert len({clean(each.event).fingerprint for each in self.events}) == count

    def _check_event(self, told):
        (sent,) = self.events
        event = clean(sent.event)
        stack = event.content["stack"]
        for name, value in told.items():
            if name == "sentry_id":
                assert sent.sentry_id == read_id(value)
            elif name == "stack_first_contains":
                assert value in stack[0]
            elif name == "stack_contains":
                assert any(value in line for line in stack)
            elif name == "tags":
                assert event.content["tags"] == value
            else:
                assert getattr(event, name) == value

    def _check_feedback_count(self, count):
        assert len(self.feedback) == count

    def _check_feedback(self, told):
        notes = [each for reports in self.reports for each in reports.attachments_not_kept]
        kept = [each for reports in self.reports for each in reports.attachments]
        sent = [each.feedback for each in self.feedback]
        assert len(sent) == len(told)
        for each, expected in zip(sent, told, strict=True):
            for name, value in expected.items():
                if name == "url_lacks":
                    assert value not in each.url
                elif name == "url_contains":
                    assert value in each.url
                elif name == "note_about_attachment":
                    assert bool(notes) == value
                elif name == "attachments_or_note":
                    assert len(notes) + len(kept) == value
                elif name not in ("status", "event_id"):  # of a database
                    assert getattr(each, name) == value

    def _check_sessions(self, count):
        assert len(self.sessions) == count

    def _check_session(self, told):
        store, first = self.sessions[read_id(told["sid"])]
        for name, value in told.items():
            if name == "ended":
                assert (store.ended_at is not None) == value
            elif name == "errors":
                assert store.progress.errors == value
            elif name in ("release", "environment"):
                assert getattr(first.report, name) == value
            elif name != "sid":
                assert getattr(store.session, name) == value

    def _check_health(self, told):
        release = told.pop("release")
        health = self._health(release)
        assert {name: health[name] for name in told} == told

    def _check_health_absent(self, release):
        assert self._health(release)["sessions_total"] == 0

    def _health(self, release):
        stored = [
            store for store, first in self.sessions.values() if first.report.release == release
        ]
        sums = dict.fromkeys(SessionStatus, 0)
        for store in stored:
            sums[SessionStatus(store.session.status)] += 1
        for reports in self.reports:
            for aggregates in reports.aggregates:
                if aggregates.attributes.release == release:
                    for bucket in aggregates.buckets:
                        for status, count in bucket.sessions.items():
                            sums[status] += count
        users = {store.session.user_key: False for store in stored if store.session.user_key}
        for store in stored:
            if store.session.user_key and store.session.status == "crashed":
                users[store.session.user_key] = True
        return {
            "sessions_total": sum(sums.values()),
            "sessions_crashed": sums[SessionStatus.CRASHED],
            "sessions_errored": sums[SessionStatus.ERRORED],
            "users_total": len(users),
            "users_crashed": sum(users.values()),
        }

    def _losses(self):
        found = {}
        for reports in self.reports:
            for source, rows in (
                ("server", [(e.category, e.reason, e.quantity) for e in reports.losses]),
                ("client", [(e.category, e.reason, e.quantity) for e in reports.discarded]),
            ):
                for category, reason, quantity in rows:
                    reason = "rate_limited" if reason == LossReason.LIMITED else reason
                    key = f"{source}/{category}/{reason}"
                    found[key] = found.get(key, 0) + quantity
        return found

    def _check_losses(self, told):
        found = self._losses()
        assert {name: found.get(name) for name in told} == told

    def _check_losses_total(self, told):
        found = self._losses()
        for source, total in told.items():
            assert sum(n for name, n in found.items() if name.startswith(source)) == total

    def _check_nowhere_in_database(self, secrets):
        stored = repr([clean(each.event) for each in self.events]) + repr(self.reports)
        assert not [secret for secret in secrets if secret in stored]
