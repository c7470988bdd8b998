"""Who is refused must not cost others their feedback: nginx keeps its connections to the service
for whoever comes next.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from tests.live.behind_nginx import Nginx

pytestmark = pytest.mark.sqlite_only("it is about gunicorn and nginx, not the database")

REFUSED_CLIENTS, PROJECTS, EACH = 4, 20, 100


@pytest.fixture
def front(start_server, app, nginx: Path, openssl: Path, tmp_path: Path) -> Iterator[Nginx]:
    service = start_server(TRUSTED_PROXIES="1")
    running = Nginx(nginx, openssl, tmp_path / "nginx", upstream=service.port)
    yield running
    running.stop()


def post(client: HTTPSConnection, path: str, body: bytes, **headers: str) -> int:
    """The connection is kept, unless nginx closes it."""
    client.request("POST", path, body, headers)
    with client.getresponse() as answer:
        answer.read()
        return answer.status


def test_none_of_2000_posts_is_lost_while_others_are_refused(front, make_project, stored_feedback):
    tokens = [make_project(f"App {number}").token for number in range(PROJECTS)]
    is_over = threading.Event()

    def client() -> HTTPSConnection:
        return HTTPSConnection("127.0.0.1", front.https_port, timeout=60, context=front.trust)

    def be_refused(path: str) -> Counter[int]:
        statuses: Counter[int] = Counter()
        with closing(client()) as connection:
            while not is_over.is_set():
                statuses[post(connection, path, b"x" * 151_000)] += 1
        return statuses

    def post_all(token: str) -> Counter[int]:
        headers = {"X-Pionne-Token": token}
        bodies = [json.dumps({"message": f"Message {n}"}).encode() for n in range(EACH)]
        with closing(client()) as connection:
            return Counter(post(connection, "/feedback", body, **headers) for body in bodies)

    with ThreadPoolExecutor(REFUSED_CLIENTS + PROJECTS) as pool:
        paths = ["/feedback", "/ingest", "/nowhere", "/healthz"]
        refused = [pool.submit(be_refused, path) for path in paths]
        try:
            posted = sum(pool.map(post_all, tokens), Counter())
        finally:
            is_over.set()
        answers = sum((refusals.result() for refusals in refused), Counter())

    assert posted == {202: PROJECTS * EACH}
    assert len(stored_feedback()) == PROJECTS * EACH
    assert answers.keys() <= {401, 404, 405, 429}
    assert answers.total() > 20
