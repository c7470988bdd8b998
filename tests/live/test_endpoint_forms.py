"""What SDKs derive from any form of the address, as a real server reads it."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

pytestmark = pytest.mark.sqlite_only("it is about addresses")

FORMS = ["", "/", "/api", "/api/", "/ingest", "/ingest/", "/api/ingest", "/api/ingest/"]


@pytest.fixture
def post(server, project):
    """POST to the address as it is written: clients with good manners would mend it."""

    def send(address, **body):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        headers = {"X-Pionne-Token": project.token}
        path = urlsplit(address).path or "/"
        connection.request("POST", path, body=json.dumps(body), headers=headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        return answer.status, body

    return send


def test_no_form_of_the_endpoint_loses_a_crash(server, post):
    for form in FORMS:
        endpoint = server.url + form
        base = endpoint.removesuffix("/ingest")
        session = {"session_id": str(uuid4()), "release": "1.4.2"}
        assert post(f"{base}/sessions", **session, status="ok")[0] == 202
        status, event = post(endpoint, exception_type="TypeError", message=form, level="fatal")
        assert status == 202
        assert post(f"{base}/sessions", **session, status="crashed")[0] == 202
        assert post(f"{base}/events/{event['event_id']}/feedback", message="It closed")[0] == 202
        assert post(f"{base}/feedback", message=f"Hello from {form}")[0] == 202

    assert server.rows("SELECT status, count(*) FROM sessions GROUP BY status") == [
        ("crashed", len(FORMS))
    ]
    assert server.rows("SELECT count(*) FROM events") == [(len(FORMS),)]
