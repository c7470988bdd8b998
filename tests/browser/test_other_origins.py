"""A page of another origin, as the web SDK uses the service from it.

When CORS is wrong, beacons are lost without a word; only a browser can tell.
"""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest

pytestmark = pytest.mark.sqlite_only("the browser meets HTTP, which is tested on both")

SESSION_ID = "123e4567-e89b-12d3-a456-426614174000"
SEND = """async ([address, token]) => {
  const beacon = (path, body) => {
    const blob = new Blob([JSON.stringify(body)], {type: "application/json"});
    return navigator.sendBeacon(`${address}${path}?token=${token}`, blob);
  };
  const answer = await fetch(`${address}/feedback`, {
    method: "POST",
    // As a page sends it whose requests are traced.
    headers: {
      "Content-Type": "application/json",
      "X-Pionne-Token": token,
      "baggage": "sentry-environment=production",
      "sentry-trace": "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
      "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
    body: JSON.stringify({message: "From another origin"}),
  });
  const session = {session_id: "%s", release: "1.4.2"};
  return [
    answer.status,
    await answer.json(),
    beacon("/ingest", {exception_type: "TypeError", message: "total is undefined"}),
    beacon("/sessions", {...session, status: "ok"}),
    beacon("/sessions", {...session, status: "crashed"}),
  ];
}""" % SESSION_ID


class EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>An app</title><link rel=icon href=data:,>")

    def log_message(self, *_):
        pass


@pytest.fixture
def other_origin():
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as app:
        thread = threading.Thread(target=app.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{app.server_port}"
        app.shutdown()
        thread.join()


@pytest.fixture
def eventually_stored(server):
    """The rows of a query once there are any: a browser sends beacons when it likes."""

    def rows(query):
        deadline = time.monotonic() + 10
        while not (found := server.rows(query)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    return rows


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_feedback_events_and_session_flips_of_another_origin_all_arrive(
    page, other_origin, server, garden_shop, eventually_stored, prefix
):
    page.goto(other_origin)

    status, body, *taken = page.evaluate(SEND, [server.url + prefix, garden_shop.token])
    assert (status, body) == (202, {"ok": True, "feedback_id": 1})
    assert taken == [True, True, True]

    assert server.rows("SELECT message FROM feedback") == [("From another origin",)]
    assert eventually_stored("SELECT exception_type FROM events") == [("TypeError",)]
    crashed = "SELECT session_id FROM sessions WHERE status = 'crashed'"
    assert eventually_stored(crashed) == [(UUID(SESSION_ID).bytes,)]
    assert server.rows("SELECT count(*) FROM sessions") == [(1,)]


def test_flip_that_is_sent_while_the_page_goes_away_arrives(
    page, other_origin, server, garden_shop, eventually_stored
):
    page.goto(other_origin)
    page.evaluate(
        """([address, body]) => addEventListener("pagehide", () => {
          navigator.sendBeacon(address, new Blob([body], {type: "application/json"}));
        })""",
        [
            f"{server.url}/sessions?token={garden_shop.token}",
            f'{{"session_id": "{SESSION_ID}", "status": "exited"}}',
        ],
    )
    page.goto("about:blank")
    assert eventually_stored("SELECT status FROM sessions") == [("exited",)]


def test_page_of_another_origin_can_do_nothing_with_the_login_of_its_visitor(
    page, log_in, other_origin, server, garden_shop, complaints
):
    log_in(page)
    page.goto(other_origin)
    with page.expect_navigation():
        page.evaluate(
            """(address) => {
              const form = document.createElement("form");
              Object.assign(form, {method: "post", action: address});
              document.body.append(form);
              form.submit();
            }""",
            f"{server.url}/projects/{garden_shop.id}/tokens/replace",
        )
    assert "token of the" not in page.content()
    assert server.rows("SELECT preview FROM project_tokens") == [(garden_shop.token[:13] + "...",)]
    complaints.forget_refusals()
