"""An app in the browser, on an origin of its own: its pages, the SDK's script, and a tunnel."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx

_PAGES = Path(__file__).parent / "programs" / "browser"
_TYPES = {".js": "text/javascript", ".html": "text/html"}


class _Handler(BaseHTTPRequestHandler):
    script: Path

    def do_GET(self) -> None:
        name = urlsplit(self.path).path.removeprefix("/")
        file = self.script if name == "sdk.js" else _PAGES / name
        self._answer(200, file.read_bytes(), _TYPES[file.suffix])

    def do_POST(self) -> None:
        """The tunnel, as one writes it: what came is sent on to where its DSN says."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        dsn = urlsplit(json.loads(body.partition(b"\n")[0])["dsn"])
        told = httpx.post(
            f"http://127.0.0.1:{dsn.port}/api{dsn.path}/envelope/",
            content=body,
            headers={"Content-Type": "application/x-sentry-envelope"},
        )
        self._answer(told.status_code, told.content, "application/json")

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def shop(script: Path) -> Iterator[str]:
    """Yields its address; `script` is the SDK's."""
    handler = type("Handler", (_Handler,), {"script": script})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
