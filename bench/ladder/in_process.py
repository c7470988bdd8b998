"""Where the CPU time of one request goes, by room, in a process of its own and without gunicorn.

Reads from stdin which requests (a `bench.ladder.plan`), and prints one JSON object: CPU seconds a
request in all, by room, and of threads beside the one that answers.
"""

import contextlib
import dataclasses
import gc
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from app import create_app
from app.serving import worker_files
from bench.ladder import seen_sqlite, yardsticks
from bench.ladder.plan import Plan
from bench.ladder.rooms import seconds_by_room

_ROUNDS = 7
_WARM_UP = 100
_REQUESTS_A_PROJECT = 70  # of the 100 a minute
Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]
Environ = dict[str, Any]


def main() -> None:
    asked = json.load(sys.stdin)
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    # The app logs each request to stdout, which is a file or a pipe in production, too.
    with open(asked["log"], "w", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
    seen_sqlite.install()
    worker_files.share(0)  # as gunicorn.conf.py does for the first worker
    try:
        application = yardsticks.echo if asked["is_echo"] else create_app()
        json.dump(_measure(application, Plan(**asked["plan"])), told)
    finally:
        worker_files.remove_folder()
    told.close()


def _measure(application: Application, plan: Plan) -> dict[str, Any]:
    """First what it takes in all, then where it goes."""
    environs = [_environ(plan, number) for number in range(_WARM_UP + plan.requests * _ROUNDS)]
    _answer_all(application, environs[:_WARM_UP])
    own: list[float] = []
    beside: list[float] = []
    for round_ in range(_ROUNDS):
        part = environs[_WARM_UP + round_ * plan.requests :][: plan.requests]
        gc.collect()
        of_process, of_thread = time.process_time(), time.thread_time()
        _answer_all(application, part)
        of_thread = time.thread_time() - of_thread
        of_process = time.process_time() - of_process
        own.append(of_thread / plan.requests)
        beside.append((of_process - of_thread) / plan.requests)
    watched = _few_projects(plan)
    environs = [_environ(watched, number) for number in range(watched.requests)]
    rooms = seconds_by_room(lambda: _answer_all(application, environs))
    looked_at = sum(rooms.values()) or 1.0  # nothing, where there was too little to look at
    scale = statistics.median(own) / looked_at
    return {
        "seconds": own,
        "beside": beside,
        "rooms": {room: seconds * scale for room, seconds in rooms.items()},
    }


def _few_projects(plan: Plan) -> Plan:
    """All rounds in one, for as few projects as the limits allow.

    The fewer there are, the less is done by threads beside the one that is looked at: the clock
    that makes it look counts them too.
    """
    count = plan.requests * _ROUNDS
    return dataclasses.replace(
        plan,
        requests=count,
        first=plan.first + _WARM_UP + count,
        tokens=plan.tokens[-(count // _REQUESTS_A_PROJECT + 1) :],
    )


def _answer_all(application: Application, environs: list[Environ]) -> None:
    for environ in environs:
        status: list[str] = []
        answer = application(environ, lambda line, _headers, status=status: status.append(line))
        for _ in answer:
            pass
        with contextlib.suppress(AttributeError):
            answer.close()  # type: ignore[attr-defined]
        if not status[0].startswith("2"):
            sys.exit(f"{environ['PATH_INFO']} answered {status[0]}")


def _environ(plan: Plan, number: int) -> Environ:
    """As gunicorn makes it."""
    headers, body = plan.request(number)
    path = plan.path_of(number)
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return {
        "REQUEST_METHOD": plan.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "RAW_URI": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(plan.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": named.pop("HTTP_CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": f"127.0.0.1:{plan.port}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **named,
    }


if __name__ == "__main__":
    main()
