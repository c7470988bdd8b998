"""What real SDKs sent is taken by the app: stored, and stored once where it comes again."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.models import Event, Feedback, Session
from tests.sentry.pure import PureService
from tests.sentry.samples_read import load
from tests.sentry.vectors import Place

# After the last of them was sent.
NOW = datetime(2026, 11, 30, 2, 31, tzinfo=UTC)
SAMPLES = load()
KEY = re.compile(r"(?<=sentry_key=)\w+|(?<=://)\w+(?=@)")
OF_A_CONNECTION = ("host", "content-length", "connection", "transfer-encoding")


@pytest.fixture
def send(service, database, clock, project):
    """As it came, to a project that has its id and its key."""
    clock.time = NOW

    def call(sample):
        request = sample.request
        values = [request.path, *request.headers.values(), request.body[:1000].decode("latin-1")]
        key = next(found[0] for found in map(KEY.search, values) if found)
        if sample.project != project.id:
            database.execute(
                "INSERT INTO projects (id, owner_id, name, created_at)"
                f" SELECT {sample.project}, owner_id, 'x', created_at FROM projects"
                f" WHERE id = {project.id}"
            )
            database.execute(f"UPDATE project_tokens SET project_id = {sample.project}")
        database.execute(f"UPDATE projects SET sentry_key = '{key}' WHERE id = {sample.project}")
        names = {name.lower(): name for name in request.headers}
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in OF_A_CONNECTION
        }
        sent = replace(request, headers=headers, is_chunked="transfer-encoding" in names)
        service.place = replace(service.place, project=sample.project)
        return lambda: service.answer(sent)

    return call


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_request_of_a_real_sdk_is_stored_and_again_changes_nothing(sample, service, send):
    pure = PureService(Place(now=NOW, project=sample.project))
    pure.answer(sample.request)
    (reports,) = pure.reports
    wanted = Counter(
        feedback=len(reports.feedback),
        events=len(reports.events),
        sessions=len({each.report.session_id for each in reports.sessions}),
    )
    post = send(sample)
    for _ in range(2):
        status, _, body = post()
        assert status == 200, body
        with service.app.app_context():
            found = Counter(
                feedback=len(service.rows(Feedback)),
                events=len(service.rows(Event)),
                sessions=len(service.rows(Session)),
            )
        assert found == wanted
