"""What only many real requests at once can show."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import httpx

from app.services import projects
from tests.live.load import post_all


def post_feedback(url: str, token: str, messages: Iterable[str]) -> list[httpx.Response]:
    return post_all(url, token, "/feedback", [{"message": message} for message in messages])


def test_50_identical_posts_at_once_make_one_row_and_50_equal_answers(server, project):
    answers = post_feedback(server.url, project.token, ["The Pay button stays grayed out"] * 50)

    assert [answer.status_code for answer in answers] == [202] * 50
    assert len({answer.text for answer in answers}) == 1
    assert server.rows("SELECT count(*) FROM feedback") == [(1,)]


def test_of_200_distinct_posts_at_once_exactly_100_are_stored_and_100_refused(server, project):
    answers = post_feedback(server.url, project.token, [f"Message {n}" for n in range(200)])

    assert Counter(answer.status_code for answer in answers) == {202: 100, 429: 100}
    assert server.rows("SELECT count(*) FROM feedback") == [(100,)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in refused)


def test_kill_9_in_the_middle_of_a_load_loses_no_acknowledged_feedback(
    start_server: Callable[..., object], make_project, database_name
):
    server = start_server()
    tokens = [make_project(f"App {n}").token for n in range(8)]  # each may send 100 a minute
    acknowledged: list[int] = []
    enough = threading.Event()

    def post_until_cut_off(token: str) -> None:
        with httpx.Client(timeout=10) as client:
            for number in range(100):
                try:
                    answer = client.post(
                        f"{server.url}/feedback",
                        json={"message": f"Message {number}"},
                        headers={"X-Pionne-Token": token},
                    )
                except httpx.TransportError:
                    return
                assert answer.status_code == 202
                acknowledged.append(answer.json()["feedback_id"])
                if len(acknowledged) >= 200:
                    enough.set()

    with ThreadPoolExecutor(len(tokens)) as pool:
        posting = [pool.submit(post_until_cut_off, token) for token in tokens]
        assert enough.wait(timeout=60)
        server.kill()
        for future in posting:
            future.result()

    assert len(acknowledged) < 800, "the server was killed too late to prove anything"
    stored = {row[0] for row in server.rows("SELECT id FROM feedback")}
    assert set(acknowledged) <= stored
    if database_name == "sqlite":
        assert server.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_rotated_token_is_refused_at_once_by_a_running_server(server, app, project, clock):
    with app.app_context():
        rotated = projects.rotate_token(project.id, actor=None, now=clock())

    (old,) = post_feedback(server.url, project.token, ["Hello"])
    (new,) = post_feedback(server.url, rotated.token, ["Hello"])
    assert (old.status_code, new.status_code) == (401, 202)
