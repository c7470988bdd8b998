"""SIGHUP: new settings and new code without a failed request, or a line that says why not."""

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.live.conftest import ROOT, Server
from tests.live.steady_load import SteadyLoad

pytestmark = pytest.mark.sqlite_only("it is about gunicorn and nginx, not the database")

DEADLINE_SECONDS = 30
SAID_OF_A_MISSING_TOKEN = "The project token is missing"


@pytest.fixture
def is_forked() -> bool:
    return False


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.env"
    path.write_text("MAX_BODY_BYTES=20000\n")
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the code, to be changed while it runs."""
    folder = tmp_path / "checkout"
    # With what is compiled, which knows what it is of; not with what is just being written.
    unfinished = shutil.ignore_patterns("*.pyc.*")
    for name in ("app", "migrations"):
        shutil.copytree(ROOT / name, folder / name, ignore=unfinished)
    for name in ("wsgi.py", "gunicorn.conf.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def serving(start_server: Callable[..., Server], settings_file: Path, checkout: Path) -> Server:
    # Nothing that these tests write into the file may be hidden by the environment, which wins.
    return start_server(folder=checkout, SETTINGS_FILE=str(settings_file), DATABASE_URL="")


def test_under_load_no_request_fails_and_every_worker_is_replaced(
    start_server, make_project, settings
):
    server = start_server(LOG_LEVEL="WARNING")
    before = workers(server)
    load = SteadyLoad(server.port, [make_project(f"App {number}").token for number in range(24)])
    with load.running():
        reload(server)
        load.go_on(100)

    assert set(load.outcomes) == {202}, load.outcomes
    assert server.rows("SELECT count(*) FROM sessions") == [(len(load.acknowledged),)]
    assert workers(server) and not workers(server) & before


def test_settings_file_is_read_again(serving, settings_file, project):
    assert largest_body(serving, project.token) == 20_000
    settings_file.write_text("MAX_BODY_BYTES=30000\n")
    reload(serving)

    assert largest_body(serving, project.token) == 30_000


def test_new_code_is_served(serving, checkout):
    change_code(checkout, to="The project token is nowhere")
    reload(serving)

    assert said_of_a_missing_token(serving).startswith("The project token is nowhere")


def test_new_code_waits_for_the_reload(serving, checkout):
    """A worker that ends by itself is replaced by one of the same code, not of half an upgrade."""
    change_code(checkout, to="The project token is nowhere")
    before = workers(serving)
    serving.process.send_signal(signal.SIGTTIN)  # one more
    wait_until(lambda: len(workers(serving) - before) == 1)
    serving.process.send_signal(signal.SIGTTOU)  # the oldest goes
    wait_until(lambda: not workers(serving) & before)

    assert said_of_a_missing_token(serving).startswith(SAID_OF_A_MISSING_TOKEN)


def test_counts_of_metrics_go_on(start_server, app):
    server = start_server(METRICS_TOKEN="a token for Prometheus")
    said_of_a_missing_token(server)
    reload(server)
    said_of_a_missing_token(server)

    headers = {"Authorization": "Bearer a token for Prometheus"}
    metrics = httpx.get(f"{server.url}/metrics", headers=headers).text
    counted = 'pionne_request_seconds_count{method="POST",route="/feedback",status="401"} 2.0'
    assert counted in metrics


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("THREADS=eighty", "THREADS must be a whole number"),
        ("PROT=80", "line 1 names no setting"),
        ("DATABASE_URL=sqlite:////nowhere/at/all.db", "cannot be reached"),
        ("WEB_CONCURRENCY=2", "RATELIMIT_STORAGE_URI"),
        ("BLUEPRINTS=nonsense", "'nonsense'"),
        ("HOST=127.0.0.2", "HOST and PORT take a restart"),
    ],
)
def test_settings_that_cannot_serve_change_nothing(serving, settings_file, line, reason):
    before = workers(serving)
    settings_file.write_text(f"{line}\n")
    assert reason in refused_reload(serving)

    assert said_of_a_missing_token(serving).startswith(SAID_OF_A_MISSING_TOKEN)
    assert workers(serving) == before


def test_code_that_cannot_be_loaded_changes_nothing(serving, checkout, settings_file, project):
    schemas = checkout / "app" / "blueprints" / "ingest" / "schemas.py"
    sound = schemas.read_text()
    schemas.write_text("def (:\n")
    assert "invalid syntax" in refused_reload(serving)
    assert said_of_a_missing_token(serving).startswith(SAID_OF_A_MISSING_TOKEN)

    schemas.write_text(sound)
    settings_file.write_text("MAX_BODY_BYTES=30000\n")
    reload(serving)
    assert largest_body(serving, project.token) == 30_000


def change_code(checkout: Path, *, to: str) -> None:
    source = checkout / "app" / "web" / "project_token.py"
    text = source.read_text()
    assert SAID_OF_A_MISSING_TOKEN in text
    source.write_text(text.replace(SAID_OF_A_MISSING_TOKEN, to))


def reload(server: Server) -> None:
    """Returns when the old workers have gone."""
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "Reloaded: " in server.log())


def refused_reload(server: Server) -> str:
    """What is said of it."""
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "Not reloaded, serving as before: " in server.log())
    return server.log().partition("Not reloaded, serving as before: ")[2]


def workers(server: Server) -> set[int]:
    pid = server.process.pid
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def said_of_a_missing_token(server: Server) -> str:
    return str(httpx.post(f"{server.url}/feedback", json={}).json()["message"])


def largest_body(server: Server, token: str) -> int:
    answer = httpx.post(
        f"{server.url}/feedback", content=b" " * 100_000, headers={"X-Pionne-Token": token}
    )
    assert answer.status_code == 413
    return int("".join(filter(str.isdigit, answer.json()["message"])))


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)
