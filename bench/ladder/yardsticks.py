"""What every WSGI service pays: gunicorn alone, and Flask that reads and writes a JSON body."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue

_ANSWER = b'{"ok": true}'


def bare_wsgi(_environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response(
        "202 Accepted",
        [("Content-Type", "application/json"), ("Content-Length", str(len(_ANSWER)))],
    )
    return [_ANSWER]


echo = Flask(__name__, static_folder=None)


@echo.post("/echo")
def _echo() -> ResponseReturnValue:
    return request.get_json(), 202
