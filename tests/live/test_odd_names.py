"""Releases of any name over real sockets: gunicorn and nginx read paths in their own ways.

Addresses are sent as they are written: a client of HTTP might tidy up the dots in them.
"""

import http.client
import json
import uuid
from urllib.parse import quote, urlencode, urlsplit

import pytest

from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.times import utc_now
from app.services import sessions
from tests.live.behind_nginx import Nginx
from tests.release_names import NOT_IN_A_PATH, odd_names

pytestmark = pytest.mark.sqlite_only("it is about addresses, not the database")

NAMES = odd_names(12)
# The longest line of an address that a page of ours writes.
LONG = "😅" * 200


@pytest.fixture
def releases(app, project):
    with app.app_context():
        for name in NAMES:
            report = SessionReport(
                session_id=uuid.uuid4().bytes,
                status=SessionStatus.OK,
                release=name,
                environment=LONG,
            )
            sessions.record(project.id, report, now=utc_now())


def raw_get(url, path, headers, context=None):
    """The answer's JSON, or its status."""
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
    connection = kind(address.netloc, timeout=30, **({"context": context} if context else {}))
    try:
        connection.putrequest("GET", path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        return json.loads(body) if answer.status == 200 else answer.status
    finally:
        connection.close()


def test_each_is_found_over_a_socket_and_behind_nginx(
    releases, server, project, as_owner, tmp_path, nginx, openssl
):
    front = Nginx(nginx, openssl, tmp_path / "nginx", upstream=server.port)
    try:
        for url, context in ((server.url, None), (front.url, front.trust)):
            base = f"/api/projects/{project.id}"
            for name in NAMES:
                query = urlencode({"name": name, "days": 90, "environment": LONG})
                found = raw_get(url, f"{base}/release?{query}", as_owner, context)
                assert found["release"] == name
                query = urlencode({"name": name, "against": LONG, "environment": LONG})
                judged = raw_get(url, f"{base}/release/verdict?{query}", as_owner, context)
                assert judged["verdict"] == "undecided"
                if name not in NOT_IN_A_PATH:
                    path = f"{base}/release-health/{quote(name, safe='')}"
                    assert raw_get(url, path, as_owner, context)["release"] == name
    finally:
        front.stop()
