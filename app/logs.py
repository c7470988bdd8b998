"""Logs without personal data: one JSON line a request, and gunicorn's own lines cleaned.

No client address, no query string (it may hold `?token=`), no text of a body. An exception's
message may quote any of them, so a failure is logged as its type and the places in the code.
"""

import json
import logging
import os
import random
import re
import sys
import time
import traceback
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TextIO

from flask import Flask, Response, g, has_app_context
from gunicorn.glogging import Logger as GunicornLogger

from app.current import this_g, this_request
from app.database_causes import Failure, failure_of

_requests = logging.getLogger("pionne.requests")
_problems = logging.getLogger("pionne.problems")
_quoted = json.encoder.encode_basestring_ascii

# gunicorn quotes what it could not read: a body behind a wrong Content-Length, a header with a
# token, an address. No pattern can tell which part of such a quotation is harmless.
_QUOTING = re.compile(r"(Invalid request|Error handling request|Error parsing)\b.*", re.DOTALL)
_SECRETS = re.compile(
    r"pio_(?:live|invite)_\w+|(?<=\bip=)\S+|\?\S*|(?<=Bearer )\S+"
    r"|(?<=sentry_key=)\w+|(?<=sentry_secret=)\w+|(?<=://)\w+(?=@)"  # and those of a DSN
)


def init_logs(app: Flask, *, level: str) -> None:
    for logger in (_requests, _problems):
        logger.setLevel(level)
        logger.propagate = False
        if not logger.handlers:
            handler = LineHandler(sys.stdout)
            handler.setFormatter(logging.Formatter("%(message)s"))
            logger.addHandler(handler)
    app.before_request(_begin_request)
    app.after_request(_log_request)


class LineHandler(logging.StreamHandler[TextIO]):
    """Hands each line to the system whole, so that nobody has to wait while others write theirs.

    With the usual lock, the threads of a process queue up here, and each costs the next one time.
    The lock itself stays: Python 3.13 takes it to flush, and fails where there is none.
    """

    def handle(self, record: logging.LogRecord) -> bool:
        if passed := self.filter(record):
            self.emit(record)
        return passed

    def emit(self, record: logging.LogRecord) -> None:
        self.write(self.format(record))

    def write(self, line: str) -> None:
        try:
            try:
                file = self.stream.fileno()
            except (AttributeError, OSError):  # not a file of the system's
                self.stream.write(f"{line}\n")
                return
            rest = f"{line}\n".encode()
            while rest:
                rest = rest[os.write(file, rest) :]
        except Exception:
            self.handleError(logging.makeLogRecord({"msg": line}))


def log_failure(error: BaseException) -> None:
    """Where an unexpected exception came from, without what it said."""
    cause: Any = getattr(error, "orig", None) or error
    frames = traceback.extract_tb(error.__traceback__)
    _problems.error(
        _line(
            level="error",
            exception=type(error).__name__,
            cause=type(cause).__name__,
            code=_code(error) or _code(cause),
            request_id=g.get("request_id") if has_app_context() else None,
            at=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
        )
    )


def _code(error: Any) -> str | None:
    failure = failure_of(error)
    if failure and failure.code:
        return failure.code
    return getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)


def log_outage(message: str, *, cause: str, code: str | None) -> None:
    """The database fails, which many requests will meet; `message` quotes nothing."""
    _problems.error(_line(level="error", message=message, cause=cause, code=code))


def log_change(message: str) -> None:
    """The service goes on in another way; `message` is words of ours and quotes nothing."""
    _problems.warning(_line(level="warning", message=message))


class PrivateGunicornLogger(GunicornLogger):
    """gunicorn's logger, with addresses, query strings and tokens masked in its own messages."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.addFilter(_mask)
        self.access_log.addFilter(_mask)


def _mask(record: logging.LogRecord) -> bool:
    record.msg = _SECRETS.sub("-", _QUOTING.sub(r"\1", record.getMessage()))
    record.args = None
    if record.exc_info and record.exc_info[0]:
        frames = traceback.extract_tb(record.exc_info[2])
        places = ", ".join(f"{frame.filename}:{frame.lineno}" for frame in frames[-5:])
        record.msg += f" ({record.exc_info[0].__name__} at {places})"
        record.exc_info = None
        record.exc_text = None
    return True


def _begin_request() -> None:
    of_request = this_g()
    # Tells requests apart and is no secret; asking the system for it would let others go first.
    of_request.request_id = f"{random.getrandbits(128):032x}"
    of_request.started = time.perf_counter()


def request_seconds() -> float:
    """How long this request has taken so far."""
    started: float = this_g().started
    return time.perf_counter() - started


def be_quiet() -> None:
    """This request is asked all day long and found nothing: it is logged at DEBUG only."""
    g.log_level = logging.DEBUG


def _log_request(response: Response) -> Response:
    asked, of_request = this_request(), this_g()
    response.headers.add("X-Request-Id", of_request.request_id)
    level = of_request.get("log_level", logging.INFO)
    if not _requests.isEnabledFor(level):
        return response
    # Written out, because a dictionary and an encoder for it take three times as long.
    line = (
        f'{{"time": "{_time()}", "method": {_quoted(asked.method)},'
        f' "route": {_quoted(asked.url_rule.rule) if asked.url_rule else "null"},'
        f' "status": {response.status_code}, "milliseconds": {round(request_seconds() * 1000, 1)},'
        f' "request_id": "{of_request.request_id}",'
        f' "project_id": {of_request.get("project_id") or "null"}{_cause(response)}}}'
    )
    handlers = _requests.handlers
    if len(handlers) == 1 and type(handlers[0]) is LineHandler:
        handlers[0].write(line)  # nobody else sees a record of it
    else:
        # Not `log()`, which walks the stack to find who called, for a line that does not say so.
        _requests.handle(_requests.makeRecord(_requests.name, level, __file__, 0, line, (), None))
    return response


def name_cause(failure: Failure) -> None:
    """This request is answered with 503 for it, which its line says."""
    g.failure = failure


def _cause(response: Response) -> str:
    if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE or "failure" not in g:
        return ""
    failure: Failure = g.failure
    return f', "cause": "{failure.cause.name}", "code": {json.dumps(failure.code)}'


def _line(**values: object) -> str:
    return json.dumps({"time": _time(), **values})


def _time() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
