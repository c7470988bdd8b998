"""/metrics of a real gunicorn: all workers add up, whatever becomes of them."""

import os
import signal
import time
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.live.load import post_all

TOKEN = "a token for Prometheus"
FEEDBACK = {"route": "/feedback", "status": "202"}
PATIENCE_SECONDS = 30


@pytest.fixture
def server(start_server, own_valkey, app):
    return start_server(
        METRICS_TOKEN=TOKEN, WEB_CONCURRENCY="2", RATELIMIT_STORAGE_URI=own_valkey.connection_url
    )


def scrape(server):
    answer = httpx.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return answer.text


def metric(text, name, **labels):
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def workers_of(server):
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return {int(pid) for pid in children.read_text().split()}


def wait_until(happened):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_ready(server):
    try:
        return httpx.get(f"{server.url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def post_until_both_workers_counted(server, token):
    """Which worker takes a connection is the kernel's choice; returns how many were posted."""
    posted = 0
    while posted < 90:
        bodies = [{"message": f"Message {posted + n}"} for n in range(10)]
        answers = post_all(server.url, token, "/feedback", bodies)
        assert {answer.status_code for answer in answers} == {202}
        posted += len(bodies)
        if count_in_files(server) >= 2:
            break
    return posted


def count_in_files(server):
    """How many workers have taken feedback, by the files they count in."""
    taken = b'"route": "/feedback", "status": "202"'
    return sum(taken in file.read_bytes() for file in folder_of(server).glob("histogram_*.db"))


def folder_of(server):
    """The one that the master holds."""
    held = {os.readlink(link) for link in Path(f"/proc/{server.process.pid}/fd").iterdir()}
    (folder,) = [f for f in Path("/dev/shm").glob("pionne-metrics-*") if str(f) in held]
    return folder


def test_workers_add_up_and_every_one_of_them_says_the_same(server, project):
    posted = post_until_both_workers_counted(server, project.token)

    assert count_in_files(server) == 2
    texts = [scrape(server) for _ in range(20)]  # each by either worker
    for text in texts:
        assert metric(text, "pionne_feedback_accepted_total") == posted
        assert metric(text, "pionne_request_seconds_count", **FEEDBACK) == posted
        assert metric(text, "pionne_request_database_seconds_count", route="/feedback") == posted


def test_no_count_is_lost_with_a_worker_that_is_killed(server, project):
    posted = post_until_both_workers_counted(server, project.token)
    before = workers_of(server)
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(workers_of(server) - before) == 2)

    wait_until(lambda: is_ready(server))
    assert metric(scrape(server), "pionne_feedback_accepted_total") == posted


def test_reloads_leave_as_few_files_as_there_are_workers(server, project):
    posted = post_until_both_workers_counted(server, project.token)
    for _ in range(3):
        before = workers_of(server)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not before & workers_of(server) and len(workers_of(server)) == 2)

    wait_until(lambda: is_ready(server))
    assert metric(scrape(server), "pionne_feedback_accepted_total") == posted
    # Old and new workers live side by side for a moment.
    assert len(list(folder_of(server).glob("counter_*.db"))) <= 4


def test_nothing_is_left_behind(server):
    folder = folder_of(server)
    server.stop()
    assert not folder.exists()


def test_what_a_kill_left_behind_goes_with_the_next_start(server, start_server, own_valkey):
    left = folder_of(server)
    server.kill()
    start_server(RATELIMIT_STORAGE_URI=own_valkey.connection_url)
    assert not left.exists()


def test_valkey_gone_is_told_by_readiness_and_by_a_metric_while_feedback_is_taken(
    server, project, own_valkey
):
    assert httpx.get(f"{server.url}/readyz").json()["message"] == "All is well."
    own_valkey.stop()

    answers = post_all(server.url, project.token, "/feedback", [{"message": "Still here"}])
    assert [answer.status_code for answer in answers] == [202]
    ready = httpx.get(f"{server.url}/readyz")
    assert ready.status_code == 200
    assert ready.json()["degraded"] == ["limiter"]
    assert metric(scrape(server), "pionne_limiter_store_up") == 0

    own_valkey.start()
    wait_until(lambda: metric(scrape(server), "pionne_limiter_store_up") == 1)
    assert httpx.get(f"{server.url}/readyz").json()["message"] == "All is well."
