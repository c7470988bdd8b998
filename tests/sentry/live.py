"""Answers requests by the app itself, and looks into its database for what they led to."""

from io import BytesIO

from sqlalchemy import func, select

from app.database import read_transaction
from app.domain.release_health import Window
from app.domain.sentry.ids import read_id
from app.models import Event, Feedback, Issue, Loss, Release, Session
from app.services.errors import NotFound
from app.services.releases import health
from tests.sentry.vectors import Place

ADDRESS = "192.0.2.9"


def health_of(place, release):
    """Its figures by the names of the API."""
    try:
        found = health.of_release(place.project, Window(today=place.now.date()), release=release)
    except NotFound:
        return {"sessions_total": 0}
    return {name: getattr(found, name) for name in dir(found) if not name.startswith("_")}


def _by_kind(name):
    """Losses are kept by our kinds, of which one is for all that is not kept here."""
    source, category, reason = name.split("/")
    kinds = {"error": "event", "feedback": "feedback", "session": "session"}
    kind = category if category == "attachment" else kinds.get(category, "other")
    return f"{source}/{kind}/{reason}"


class LiveService:
    """An app, with the project and the other one of a vector."""

    def __init__(self, app, database, place: Place):
        self.app, self.database, self.place = app, database, place

    def answer(self, request):
        """Status, headers, body; may be asked by several threads at once."""
        headers = dict(request.headers)
        environ = {"REMOTE_ADDR": ADDRESS}
        options = {}
        if request.is_chunked:
            environ["wsgi.input_terminated"] = True
            options = {"input_stream": BytesIO(request.body)}
        else:
            options = {"data": request.body}
        if not request.has_content_type:
            headers.pop("Content-Type", None)
        answer = self.app.test_client().open(
            request.path,
            method=request.method,
            headers=headers,
            environ_overrides=environ,
            **options,
        )
        return answer.status_code, dict(answer.headers), answer.data

    def check_state(self, state):
        with self.app.app_context():
            self.app.extensions["losses"].flush()
            for name, told in state.items():
                getattr(self, f"_check_{name}")(told)

    def rows(self, model, *, project=None):
        columns = model.__table__.columns
        query = select(*columns).where(model.project_id == (project or self.place.project))
        with read_transaction() as connection:
            return connection.execute(query.order_by(model.id)).all()

    def _count(self, model, project=None):
        return len(self.rows(model, project=project))

    def _check_events(self, count):
        assert self._count(Event) == count

    def _check_events_of_q(self, count):
        assert self._count(Event, self.place.other_project) == count

    def _check_issues(self, count):
        assert self._count(Issue) == count

    def _check_issue(self, told):
        (issue,) = self.rows(Issue)
        assert {name: getattr(issue, name) for name in told} == told

    def _check_event(self, told):
        (event,) = self.rows(Event)
        for name, value in told.items():
            if name == "sentry_id":
                assert event.sentry_id == read_id(value)
            elif name == "stack_first_contains":
                assert value in event.content["stack"][0]
            elif name == "stack_contains":
                assert any(value in line for line in event.content["stack"])
            elif name == "tags":
                assert event.content["tags"] == value
            else:
                assert getattr(event, name) == value

    def _check_feedback_count(self, count):
        assert self._count(Feedback) == count

    def _check_unbound_feedback(self, count):
        assert sum(row.event_id is None for row in self.rows(Feedback)) == count

    def _check_feedback(self, told):
        rows = self.rows(Feedback)
        events = {row.sentry_id: row for row in self.rows(Event)}
        assert len(rows) == len(told)
        for row, expected in zip(rows, told, strict=True):
            notes = (row.details or {}).get("attachments_not_kept", [])
            for name, value in expected.items():
                if name == "url_lacks":
                    assert value not in row.url
                elif name == "url_contains":
                    assert value in row.url
                elif name == "note_about_attachment":
                    assert bool(notes) == value
                elif name == "attachments_or_note":
                    assert len(notes) == value
                elif name == "event_of":
                    assert row.event_id == events[read_id(value)].id
                elif name == "issue_of":
                    assert row.issue_id == events[read_id(value)].issue_id
                else:
                    assert getattr(row, name) == value

    def _check_sessions(self, count):
        assert self._count(Session) == count

    def _check_session(self, told):
        (row,) = [row for row in self.rows(Session) if row.session_id == read_id(told["sid"])]
        with read_transaction() as connection:
            names = select(Release.name, Release.environment).where(Release.id == row.release_id)
            release = connection.execute(names).one()
        for name, value in told.items():
            if name == "ended":
                assert (row.ended_at is not None) == value
            elif name == "release":
                assert release.name == value
            elif name == "environment":
                assert release.environment == value
            elif name != "sid":
                assert getattr(row, name) == value

    def _check_health(self, told):
        release = told.pop("release")
        found = health_of(self.place, release)
        assert {name: found[name] for name in told} == told

    def _check_health_absent(self, release):
        assert health_of(self.place, release)["sessions_total"] == 0

    def _losses(self):
        query = (
            select(Loss.source, Loss.kind, Loss.reason, func.sum(Loss.quantity))
            .where(Loss.project_id == self.place.project)
            .group_by(Loss.source, Loss.kind, Loss.reason)
        )
        with read_transaction() as connection:
            found = connection.execute(query).all()
        return {
            f"{source}/{kind}/{'rate_limited' if reason == 'limited' else reason}": int(quantity)
            for source, kind, reason, quantity in found
        }

    def _check_nowhere_in_database(self, secrets):
        stored = self.database.content()
        assert b"a.py" in stored  # or it would prove nothing
        assert not [secret for secret in secrets if secret.encode() in stored]

    def _check_losses(self, told):
        found = self._losses()
        by_kind = {_by_kind(name): quantity for name, quantity in told.items()}
        assert {name: found.get(name) for name in by_kind} == by_kind

    def _check_losses_total(self, told):
        found = self._losses()
        for source, total in told.items():
            assert sum(n for name, n in found.items() if name.startswith(source)) == total
