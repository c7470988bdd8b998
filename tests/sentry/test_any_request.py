"""Whatever is sent to the addresses of the dialect is answered, in no other way than it may be."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.sentry.compressed import FORMS
from tests.domain.sentry.envelopes import written
from tests.domain.sentry.test_envelope import written_envelopes
from tests.domain.sentry.test_reports import NOW, payloads
from tests.sentry.pure import PureService
from tests.sentry.vectors import Place, Request

PLACE = Place(now=NOW)
ENCODINGS = {None: bytes, **{encoding: compress for (encoding, _), compress in FORMS.items()}}
encodings = st.sampled_from(list(ENCODINGS)) | st.text(max_size=9)
keys = st.sampled_from([PLACE.key, PLACE.token, PLACE.other_key, ""]) | st.text(max_size=40)
bodies = (
    st.binary(max_size=300)
    | written_envelopes.map(lambda parts: written(parts[0], *parts[1], ends_with=parts[2]))
    | st.lists(payloads, max_size=3).map(
        lambda sent: written({}, *(({"type": kind, "length": True}, told) for kind, told in sent))
    )
)


@given(
    route=st.sampled_from(["envelope", "store"]),
    key=keys,
    body=bodies,
    encoding=encodings,
    is_compressed=st.booleans(),
)
def test_any_request_has_an_answer_and_is_stored_as_a_whole_or_not_at_all(
    route, key, body, encoding, is_compressed
):
    if is_compressed:
        body = ENCODINGS.get(encoding, bytes)(body)
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={key}"}
    if encoding is not None:
        headers["Content-Encoding"] = encoding
    service = PureService(PLACE)
    status, told, answer = service.answer(Request("POST", f"/api/1/{route}/", headers, body))
    assert status in (200, 400, 401, 403, 413, 415)
    if status == 200:
        assert json.loads(answer).keys() <= {"id"}
    else:
        assert json.loads(answer).keys() == {"detail", "causes", "message"}
        assert told["X-Sentry-Error"].isascii()
    # What cannot be read leaves nothing; of what was read, invalid items cost no others.
    assert len(service.reports) == (status == 200 or (status == 400 and is_read(service)))


def is_read(service):
    return bool(service.reports) and service.reports[0].is_invalid
