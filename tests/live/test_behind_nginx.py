"""What clients meet who reach the service through nginx, as deploy/nginx.conf sets it up."""

import json
import os
import re
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from app.domain.client_address import address_hash
from tests.fixtures.apps import APP_KEY
from tests.live.behind_nginx import Nginx
from tests.live.conftest import Server
from tests.live.test_reloading import workers
from tests.servers.ports import free_port

pytestmark = pytest.mark.sqlite_only("it is about gunicorn and nginx, not the database")

MIB = 1024 * 1024
ORIGIN = {"Origin": "https://app.example.com"}
UNKNOWN = "pio_live_" + "0" * 40


@pytest.fixture
def start_nginx(nginx: Path, openssl: Path, tmp_path: Path) -> Iterator[Callable[..., Nginx]]:
    started: list[Nginx] = []

    def start(*, upstream: int, **options: str | bool) -> Nginx:
        started.append(Nginx(nginx, openssl, tmp_path / "nginx", upstream=upstream, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def service(start_server: Callable[..., Server], app: object) -> Server:
    return start_server(TRUSTED_PROXIES="1")


@pytest.fixture
def front(start_nginx: Callable[..., Nginx], service: Server) -> Nginx:
    return start_nginx(upstream=service.port)


@pytest.fixture
def front_of_nothing(start_nginx: Callable[..., Nginx]) -> Nginx:
    """The service is not running, and not needed for what nginx decides alone."""
    return start_nginx(upstream=free_port())


def test_nginx_accepts_the_configuration_without_a_warning(front_of_nothing):
    checked = front_of_nothing.check()

    assert checked.returncode == 0
    assert "warn" not in checked.stderr + front_of_nothing.written()


def test_forged_header_neither_changes_the_address_nor_makes_a_copy_new(
    front, project, stored_feedback
):
    forged = ["198.51.100.1", '"', '"x', "127.0.0.9, 127.0.0.8", ""]
    for header in forged:
        front.post(
            "/feedback",
            token=project.token,
            source="127.0.0.5",
            json={"message": "The same again"},
            headers={"X-Forwarded-For": header, "X_Forwarded_For": header, "X-Real-IP": header},
        )

    (row,) = stored_feedback()
    assert row.address_hash == address_hash("127.0.0.5", key=APP_KEY.encode())


@pytest.fixture
def register(front):
    """Sends the form of the first account through nginx, as a browser that named that host."""

    def send(*, host: str, origin: str) -> httpx.Response:
        with httpx.Client(verify=front.trust, base_url=front.url, headers={"Host": host}) as client:
            page = client.get("/register").text
            (token,) = re.findall(r'name="csrf_token" value="([^"]+)"', page)
            form = {"csrf_token": token, "email": "o@b.example", "password": "correct horse"}
            return client.post("/register", data=form, headers={"Origin": origin})

    return send


def test_form_of_the_console_is_taken_at_any_port(front, register):
    assert front.https_port != 443
    host = f"feedback.example.com:{front.https_port}"

    assert register(host=host, origin=f"https://{host}").status_code == 302


def test_form_of_the_console_is_taken_at_the_usual_port(register):
    """The port is the one that the browser used, which a firewall may have forwarded."""
    host = "feedback.example.com"

    assert register(host=host, origin=f"https://{host}").status_code == 302


@pytest.mark.parametrize("name", ["feedback.example.com", "evil.example"])
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://evil.example:{port}",
        "https://feedback.example.com",
        "https://feedback.example.com:1",
        "http://feedback.example.com:{port}",
    ],
)
def test_form_of_another_origin_is_refused_whatever_host_it_names(front, register, name, origin):
    port = front.https_port
    answer = register(host=f"{name}:{port}", origin=origin.format(port=port))

    assert answer.status_code == 403
    assert "came from another site" in answer.text


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("feedback.example.com:8443", "feedback.example.com:8443"),
        ("evil.example", "feedback.example.com"),
        ("evil.example:8443", "feedback.example.com:8443"),
        ("evil.example:8443x", "feedback.example.com"),
        ("evil.example:99999", None),
    ],
)
def test_links_lead_to_our_own_name_whatever_host_a_client_names(
    front, as_owner, project, make_feedback, host, shown
):
    for message in "ab":
        make_feedback(message=message)
    with httpx.Client(verify=front.trust, base_url=front.url) as client:
        path = f"/api/projects/{project.id}/feedback?limit=1"
        page = client.get(path, headers={**as_owner, "Host": host})
    assert page.status_code < 500
    assert "evil" not in str(page.headers)
    if shown:
        assert page.headers["Link"].startswith(f"<https://{shown}/api/")


def test_forged_header_does_not_escape_a_limit(front, project):
    answers = [
        front.post(
            "/feedback",
            token=UNKNOWN,
            source="127.0.0.5",
            json={},
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
        ).status_code
        for number in range(62)
    ]

    assert answers == [401] * 60 + [429] * 2
    other = front.post("/feedback", token=UNKNOWN, source="127.0.0.6", json={})
    assert other.status_code == 401


def test_without_trusted_proxies_not_even_nginx_is_believed(
    start_server, start_nginx, project, stored_feedback
):
    front = start_nginx(upstream=start_server().port)
    front.post("/feedback", token=project.token, source="127.0.0.5", json={"message": "Hello"})

    (row,) = stored_feedback()
    assert row.address_hash == address_hash("127.0.0.1", key=APP_KEY.encode())


def test_slow_clients_hold_no_thread_of_the_service(start_server, start_nginx, project):
    front = start_nginx(upstream=start_server(TRUSTED_PROXIES="1", THREADS="1").port)
    body = b'{"message": "Sent over a very slow network"}'
    head = (
        f"POST /feedback HTTP/1.1\r\nHost: x\r\nX-Pionne-Token: {project.token}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with ExitStack() as opened:
        slow = [opened.enter_context(connected(front)) for _ in range(10)]
        for client in slow:
            client.sendall(head.encode() + body[:5])
        quick = front.post("/feedback", token=project.token, json={"message": "Quick"})
        assert quick.status_code == 202
        for client in slow:
            client.sendall(body[5:])
            assert client.recv(65536).startswith(b"HTTP/1.1 202")


def test_body_of_just_the_limit_passes_and_reaches_no_disk(front, project):
    start, end = b'{"exception_type": "Error", "message": "', b'"}'
    body = start + b"x" * (8 * MIB - len(start) - len(end)) + end
    answer = front.post("/api/ingest", token=project.token, content=body)

    assert answer.status_code == 202
    assert "buffered to a temporary file" not in front.written()


@pytest.mark.parametrize(("path", "limit"), [("/feedback", MIB), ("/ingest", 8 * MIB)])
@pytest.mark.parametrize("extra", [1, 2 * MIB])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_larger_body_is_refused_as_the_service_would(
    front, project, path, limit, extra, is_chunked
):
    body = b"x" * (limit + extra)
    content = iter([body[:limit], body[limit:]]) if is_chunked else body
    answer = front.post(path, token=project.token, content=content, headers=ORIGIN)

    assert answer.status_code == 413
    assert answer.json() == {"message": f"The body is too large: at most {limit} bytes."}
    assert_readable_by_pages(answer)


def test_own_answer_is_a_problem_for_who_asks_so(front_of_nothing):
    answer = front_of_nothing.post(
        "/feedback", token=UNKNOWN, json={}, headers={"Accept": "application/problem+json"}
    )

    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem.pop("detail")
    assert problem == {"type": "about:blank", "title": "Bad Gateway", "status": 502}


def test_service_that_is_away_is_502_with_when_to_come_back(front_of_nothing):
    answer = front_of_nothing.post("/api/sessions", token=UNKNOWN, json={}, headers=ORIGIN)

    assert answer.status_code == 502
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json().keys() == {"message"}
    assert answer.headers["Retry-After"] == "2"
    assert_readable_by_pages(answer)
    assert answer.headers["Strict-Transport-Security"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_service_that_does_not_answer_is_504_with_when_to_come_back(service, start_nginx, project):
    front = start_nginx(upstream=service.port, proxy_read_timeout="1s")
    (worker,) = workers(service)
    os.kill(worker, signal.SIGSTOP)
    try:
        answer = front.post("/feedback", token=project.token, json={}, headers=ORIGIN)
    finally:
        os.kill(worker, signal.SIGCONT)

    assert answer.status_code == 504
    assert answer.headers["Retry-After"] == "2"
    assert_readable_by_pages(answer)


def test_account_side_gets_no_cors_from_nginx_either(front_of_nothing):
    answer = front_of_nothing.post("/api/auth/login", token="", json={}, headers=ORIGIN)

    assert answer.status_code == 502
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_answer_of_the_service_passes_unchanged(front, service, project):
    def ask(url: str) -> httpx.Response:
        return httpx.post(f"{url}/feedback", json={}, headers=ORIGIN, verify=front.trust)

    direct, through = ask(service.url), ask(front.url)

    ours = {"server", "date", "connection", "x-request-id"}
    assert through.json() == direct.json()
    passed = {name: value for name, value in through.headers.items() if name not in ours}
    passed.pop("strict-transport-security")
    assert passed == {name: value for name, value in direct.headers.items() if name not in ours}


@pytest.mark.parametrize("path", ["/", "/projects/1/inbox?status=open"])
def test_page_over_http_is_sent_to_https(front_of_nothing, path):
    answer = httpx.get(f"{front_of_nothing.http_url}{path}")

    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://feedback.example.com{path}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/feedback"),
        ("OPTIONS", "/feedback"),
        ("POST", "/api/events/7/feedback?token=x"),
        ("POST", "/sessions/"),
        ("GET", "/ingest"),
        ("GET", "/api/projects"),
        ("HEAD", "/api/docs"),
        ("POST", "/api/auth/login"),
        ("GET", "/healthz"),
        ("POST", "/login"),
    ],
)
def test_all_else_over_http_is_refused_and_never_redirected(front_of_nothing, method, path):
    answer = httpx.request(method, f"{front_of_nothing.http_url}{path}", headers=ORIGIN)

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/json"
    if method != "HEAD":
        assert answer.json() == {"message": "This service is reached over https only."}
    assert "Strict-Transport-Security" not in answer.headers


def test_page_that_posts_over_http_reads_why_not(front_of_nothing):
    assert_readable_by_pages(httpx.post(f"{front_of_nothing.http_url}/feedback", headers=ORIGIN))


def test_proof_for_the_certificate_is_served_over_http(front_of_nothing, tmp_path):
    proof = tmp_path / "nginx" / ".well-known" / "acme-challenge" / "token"
    proof.parent.mkdir(parents=True)
    proof.write_text("proof")

    assert (
        httpx.get(f"{front_of_nothing.http_url}/.well-known/acme-challenge/token").text == "proof"
    )


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/readyz", "/api/readyz", "/=answer/json"]
)
def test_what_is_not_for_the_public_is_not_there(front_of_nothing, path):
    answer = httpx.get(f"{front_of_nothing.url}{path}", verify=front_of_nothing.trust)

    assert answer.status_code == 404
    assert answer.json() == {"message": "There is nothing at this address; check the path."}


@pytest.mark.parametrize(
    "broken",
    [
        b"NOTHING LIKE HTTP\r\n\r\n",
        b"GET /feedback HTTP/9.9\r\n\r\n",
        b"GET /feedback?token=pio_live_secret HTTP/1.1\r\n\r\n",  # no Host
        b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"x" * 9_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_answered_in_json(front_of_nothing, broken):
    with connected(front_of_nothing) as client:
        client.sendall(broken)
        head, _, body = read_all(client).partition(b"\r\n\r\n")

    assert head.split()[1].startswith((b"4", b"50"))
    assert b"Content-Type: application/json" in head
    assert json.loads(body)["message"]


def test_http_sent_to_the_https_port_is_answered_in_json(front_of_nothing):
    answer = httpx.get(front_of_nothing.url.replace("https", "http"))

    assert answer.status_code == 400
    assert answer.json()["message"]


def test_no_log_holds_an_address_a_token_a_query_or_a_text(service, front, project):
    """Whatever happens: the service answers, refuses, is slow or away; clients break off."""
    secret, source = "Nobody may read this in a log", "127.0.0.5"
    front.post(
        f"/feedback?token={project.token}", token="", source=source, json={"message": secret}
    )
    front.post("/feedback?token=pio_live_wrong", token="", source=source, json={"message": secret})
    front.post("/feedback", token=project.token, source=source, content=b"x" * 2 * MIB)
    httpx.post(f"{front.http_url}/feedback?token={project.token}")
    httpx.get(f"{front.http_url}/pages?token={project.token}")
    for broken in (b"\x16\x03\x01", b"GET /?token=pio_live_x HTTP/9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", front.https_port)) as raw:
            raw.sendall(broken)
    with connected(front) as client:
        client.sendall(b"POST /feedback?token=pio_live_x HTTP/1.1\r\nHost: x\r\n")
    service.kill()
    front.post(
        f"/feedback?token={project.token}", token="", source=source, json={"message": secret}
    )
    front.stop()

    lines = [json.loads(line) for line in front.access_log().splitlines()]
    logged = {(line["method"], line["status"]) for line in lines}
    posted = {("POST", status) for status in (202, 401, 413, 403, 502)}
    assert logged >= posted | {("GET", 301), ("GET", 505)}
    written = front.written().replace(f'"upstream":"127.0.0.1:{service.port}"', "")
    for private in ("127.0.0", "client", "token", "pio_live", project.token, secret, "/feedback"):
        assert private not in written


def assert_readable_by_pages(answer: httpx.Response) -> None:
    """As the contract has it on every answer of a public route."""
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.headers["Vary"] == "Origin"


def connected(front: Nginx) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", front.https_port), timeout=30)
    return front.trust.wrap_socket(raw, server_hostname="127.0.0.1")


def read_all(client: ssl.SSLSocket) -> bytes:
    received = b""
    with suppress(ConnectionResetError):
        while chunk := client.recv(65536):
            received += chunk
    return received
