"""What every WSGI service pays: gunicorn alone, and Flask that reads and writes a JSON body.

Both have settings, because the service's worker asks its app how long a body may be.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.config import read_settings

_ANSWER = b'{"ok": true}'
_CONFIG = {"PIONNE": read_settings({})}


class _BareWsgi:
    config = _CONFIG

    def __call__(
        self, _environ: dict[str, Any], start_response: Callable[..., object]
    ) -> Iterable[bytes]:
        start_response(
            "202 Accepted",
            [("Content-Type", "application/json"), ("Content-Length", str(len(_ANSWER)))],
        )
        return [_ANSWER]


bare_wsgi = _BareWsgi()

echo = Flask(__name__, static_folder=None)
echo.config.from_mapping(_CONFIG)


@echo.post("/echo")
def _echo() -> ResponseReturnValue:
    return request.get_json(), 202
