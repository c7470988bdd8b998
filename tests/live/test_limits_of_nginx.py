"""The limit by address that deploy/nginx.conf has for who wants it."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from tests.live.behind_nginx import Nginx
from tests.live.test_behind_nginx import ORIGIN, assert_readable_by_pages
from tests.servers.ports import free_port

BURST = 3
TOKEN = "pio_live_" + "5" * 40
# What nginx says of the service, which is not there: the request was let through.
LET_THROUGH = HTTPStatus.BAD_GATEWAY


@pytest.fixture
def front(nginx: Path, openssl: Path, tmp_path: Path) -> Iterator[Nginx]:
    """With numbers that no slow machine changes; the service is not needed."""
    running = Nginx(
        nginx,
        openssl,
        tmp_path / "nginx",
        upstream=free_port(),
        limits_addresses=True,
        limit_req_zone="$pionne_address zone=pionne_addresses:10m rate=1r/m",
        limit_req=f"zone=pionne_addresses burst={BURST} nodelay",
    )
    yield running
    running.stop()


@pytest.fixture
def post(front: Nginx) -> Callable[..., httpx.Response]:
    def send(path: str = "/feedback", *, source: str = "127.0.0.5", **headers: str):
        return front.post(path, token=TOKEN, source=source, json={}, headers={**ORIGIN, **headers})

    return send


@pytest.fixture
def spent(post: Callable[..., httpx.Response]) -> None:
    """127.0.0.5 may send nothing more."""
    assert [post().status_code for _ in range(1 + BURST)] == [LET_THROUGH] * (1 + BURST)


def test_configuration_with_the_limit_is_taken_without_a_warning(front):
    checked = front.check()

    assert (checked.returncode, "warn" in checked.stderr + front.written()) == (0, False)


@pytest.mark.parametrize("path", ["/feedback", "/api/sessions", "/ingest", "/"])
def test_refusal_is_one_that_a_page_reads(spent, post, path):
    answer = post(path)

    assert answer.status_code == 429
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {
        "message": "Too many requests came from this address; slow down and try again."
    }
    assert answer.headers["Retry-After"] == "2"
    assert_readable_by_pages(answer)


def test_refusal_is_a_problem_for_who_asks_so(spent, post):
    problem = post(Accept="application/problem+json").json()

    assert (problem["status"], problem["title"]) == (429, "Too Many Requests")


def test_other_addresses_are_let_through(spent, post):
    assert post(source="127.0.0.6").status_code == LET_THROUGH


def test_no_log_holds_the_address_or_the_token(spent, front, post):
    post(f"/feedback?token={TOKEN}&X-Pionne-Token={TOKEN}")
    front.stop()

    assert '"status":429' in front.access_log()
    assert not [private for private in ("127.0.0.5", TOKEN, "token") if private in front.written()]


def test_without_it_no_address_is_limited(nginx, openssl, tmp_path):
    front = Nginx(nginx, openssl, tmp_path / "nginx", upstream=free_port())
    try:
        with httpx.Client(verify=front.trust) as client:
            statuses = {client.post(f"{front.url}/feedback").status_code for _ in range(150)}
    finally:
        front.stop()

    assert statuses == {LET_THROUGH}
