"""Sessions and events that arrive together, as a phone's beacons and fetches do."""

import random
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from app.domain.release_health import Window
from app.services.releases import health as release_health
from app.services.sessions import ledger as session_ledger
from tests.live.load import post_all


def opens_and_flips(count: int) -> list[dict]:
    """Each session's open and its crash, shuffled; few users, so that they meet on rows."""
    chance = random.Random(7)
    bodies = []
    for number in range(count):
        body = {
            "session_id": str(uuid.UUID(int=number)),
            "release": chance.choice(["1.4.1", "1.4.2"]),
            "environment": chance.choice(["production", "staging"]),
            "user_id_anon": f"user {chance.randrange(5)}",
        }
        bodies += [{**body, "status": "ok"}, {**body, "status": "crashed"}]
    chance.shuffle(bodies)
    return bodies


def test_opens_and_flips_at_once_count_each_session_once(server, app, project, clock):
    answers = post_all(server.url, project.token, "/sessions", opens_and_flips(150))

    assert {answer.status_code for answer in answers} == {202}
    with app.app_context():
        assert list(session_ledger.verify()) == []
        (day,) = server.rows("SELECT max(day) FROM sessions")[0]
        today = clock().date().fromisoformat(day)
        rows = release_health.list_page(project.id, Window(today=today), limit=100).rows
    assert sum(row.sessions_total for row in rows) == 150
    assert sum(row.sessions_crashed for row in rows) == 150


def test_one_session_opened_by_20_posts_at_once_is_one_session(server, app, project):
    body = {"session_id": str(uuid.uuid4()), "status": "ok", "user_id_anon": "ann"}

    answers = post_all(server.url, project.token, "/sessions", [body] * 20)

    assert {answer.status_code for answer in answers} == {202}
    assert server.rows("SELECT count(*) FROM sessions") == [(1,)]
    with app.app_context():
        assert list(session_ledger.verify()) == []


def test_kill_9_in_the_middle_of_sessions_leaves_a_ledger_that_adds_up(server, app, project):
    acknowledged: list[str] = []
    enough = threading.Event()

    def post_until_cut_off(bodies: list[dict]) -> None:
        with httpx.Client(timeout=10) as client:
            for body in bodies:
                try:
                    answer = client.post(
                        f"{server.url}/sessions", json=body, params={"token": project.token}
                    )
                except httpx.TransportError:
                    return
                assert answer.status_code == 202
                acknowledged.append(body["session_id"])
                if len(acknowledged) >= 150:
                    enough.set()

    bodies = opens_and_flips(900)
    with ThreadPoolExecutor(6) as pool:
        posting = [pool.submit(post_until_cut_off, bodies[start::6]) for start in range(6)]
        assert enough.wait(timeout=60)
        server.kill()
        for future in posting:
            future.result()

    assert len(acknowledged) < len(bodies), "the server was killed too late to prove anything"
    stored = {uuid.UUID(bytes=row[0]) for row in server.rows("SELECT session_id FROM sessions")}
    assert {uuid.UUID(session) for session in acknowledged} <= stored
    with app.app_context():
        assert list(session_ledger.verify()) == []


def test_of_20_first_events_of_two_apps_at_once_one_app_is_pinned(server, project):
    apps = ["com.acme.app", "com.other.app"] * 10
    bodies = [{"exception_type": "Error", "app_id": app_id} for app_id in apps]

    answers = post_all(server.url, project.token, "/ingest", bodies)

    outcomes = Counter(
        (app_id, answer.status_code) for app_id, answer in zip(apps, answers, strict=True)
    )
    ((pinned,),) = server.rows("SELECT bundle_id FROM projects")
    (refused,) = {"com.acme.app", "com.other.app"} - {pinned}
    assert outcomes == {(pinned, 202): 10, (refused, 403): 10}
    formats = {a.json()["expected_format"] for a in answers if a.status_code == 403}
    assert formats == {f"*{pinned[1:]}"}


def test_an_issues_counters_are_exact_when_its_events_come_at_once(server, project):
    bodies = [
        {"exception_type": "Error", "message": f"Order {number} failed", "release": "1.4.2"}
        for number in range(120)
    ]

    answers = post_all(server.url, project.token, "/ingest", bodies)

    assert {answer.json()["issue_id"] for answer in answers} == {1}
    assert server.rows("SELECT events_count FROM issues") == [(120,)]
    assert server.rows("SELECT release, events_count FROM issue_releases") == [("1.4.2", 120)]
