"""Whatever is posted to the app is answered, and never by a mistake of ours; refused, it leaves
nothing."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.domain.sentry.compressed import FORMS
from tests.domain.sentry.envelopes import written
from tests.domain.sentry.test_envelope import written_envelopes
from tests.domain.sentry.test_reports import payloads
from tests.sentry.vectors import Request

ENCODINGS = {None: bytes, **{encoding: compress for (encoding, _), compress in FORMS.items()}}
bodies = (
    st.binary(max_size=300)
    | written_envelopes.map(lambda parts: written(parts[0], *parts[1], ends_with=parts[2]))
    | st.lists(payloads, max_size=3).map(
        lambda sent: written({}, *(({"type": kind, "length": True}, told) for kind, told in sent))
    )
)
TABLES = ("events", "feedback", "sessions", "session_sums", "sentry_ids")


@pytest.fixture
def stored(database):
    def count():
        return [database.rows(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES]

    return count


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    route=st.sampled_from(["envelope", "store"]),
    body=bodies,
    encoding=st.sampled_from(list(ENCODINGS)) | st.sampled_from(["x", "gzip, br"]),
    is_compressed=st.booleans(),
)
def test_any_body_is_answered_and_stored_or_refused_whole(
    service, stored, route, body, encoding, is_compressed
):
    service.app.extensions["senders"].clear()
    if is_compressed:
        body = ENCODINGS.get(encoding, bytes)(body)
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={service.place.key}"}
    if encoding is not None:
        headers["Content-Encoding"] = encoding
    before = stored()
    path = f"/api/{service.place.project}/{route}/"
    status, told, answer = service.answer(Request("POST", path, headers, body))
    assert status in (200, 400, 401, 403, 413, 415, 429), answer
    if status == 200:
        assert json.loads(answer).keys() <= {"id"}
    else:
        assert json.loads(answer).keys() == {"detail", "causes", "message"}
        assert told["X-Sentry-Error"].isascii()
    if status in (401, 403, 413, 415) or (status == 400 and not json.loads(answer)["causes"]):
        assert stored() == before
    if status == 429:
        assert told["X-Sentry-Rate-Limits"]
