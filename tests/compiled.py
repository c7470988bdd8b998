"""What each app would compile anew, kept for the apps of all tests of a process.

A running instance compiles a template and a statement once and uses it for weeks; a test's app is
thrown away after two requests, so that compiling would be a fifth of what a test costs.
"""

from collections.abc import Iterable
from threading import Lock
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing.rules import RulePart

from app.extensions import db
from app.web.url_rules import LazyRule


class CompiledTemplates(BytecodeCache):
    """Each app has templates of its own, which are most of what a page costs it the first time."""

    def __init__(self) -> None:
        self._bytecode: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        # Jinja drops what was compiled from another text than the template has now.
        if bucket.key in self._bytecode:
            bucket.bytecode_from_string(self._bytecode[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._bytecode[bucket.key] = bucket.bytecode_to_string()


# More than the app has. Those of tables that a test reflected serve no other test, and hold them.
MOST_STATEMENTS = 4000


class CompiledStatements(dict[Any, Any]):
    """The cache of statements of all engines of one dialect, as each engine has one of its own.

    SQLAlchemy's key begins with the dialect, of which each engine has another, equal one. The
    oldest go when there are too many.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_without_dialect(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        with self._lock:
            super().__setitem__(_without_dialect(key), compiled)
            while len(self) > MOST_STATEMENTS:
                del self[next(iter(self))]


class ParsedRule(LazyRule):
    """A rule that is parsed once, for all apps that have it and convert its variables alike.

    Parsing is half of what making an app costs. `_parse_rule`, `_trace` and `_converters` are
    private names of werkzeug.
    """

    def _parse_rule(self, rule: str) -> Iterable[RulePart]:
        assert self.map is not None
        key = (rule, tuple(self.map.converters.items()))
        if key not in _parsed:
            start = len(self._trace)
            parts = list(super()._parse_rule(rule))
            _parsed[key] = (parts, self._trace[start:], dict(self._converters))
            return parts
        parts, trace, converters = _parsed[key]
        self._trace.extend(trace)
        self._converters.update(converters)
        self.arguments.update(converters)
        return parts


_parsed: dict[Any, tuple[list[RulePart], list[tuple[bool, str]], dict[str, Any]]] = {}


def _without_dialect(key: Any) -> Any:
    return key[1:]


class Compiled:
    def __init__(self) -> None:
        self._templates = CompiledTemplates()
        self._statements: dict[str, CompiledStatements] = {}

    def share_with(self, app: Flask) -> None:
        """Before the app's first request; not in the app's context."""
        app.jinja_env.bytecode_cache = self._templates
        with app.app_context():
            for engine in db.engines.values():
                statements = self._statements.setdefault(engine.dialect.name, CompiledStatements())
                engine.update_execution_options(compiled_cache=statements)
