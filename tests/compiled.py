"""What each app would compile anew, kept for the apps of all tests of a process.

A running instance compiles a template and a statement once and uses it for weeks; a test's app is
thrown away after two requests, so that compiling would be a fifth of what a test costs.
"""

from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from app.extensions import db


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


class CompiledStatements(dict[Any, Any]):
    """The cache of statements of all engines of one dialect, as each engine has one of its own.

    SQLAlchemy's key begins with the dialect, of which each engine has another, equal one.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_without_dialect(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_without_dialect(key), compiled)


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
