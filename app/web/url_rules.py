"""URL rules that compile what builds their URLs at first use, and paths that take any text.

Werkzeug compiles two functions for each rule as it is added, which is most of what making an app
costs, and a process builds the URLs of few rules. This is the only file that knows private names of
werkzeug (`_compile_builder`, `_build`, `_build_unknown`; setup.cfg caps it at the next minor).
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import PathConverter, Rule


class AnyPath(PathConverter):
    """`<path:…>` that takes all that is left of an address, with line breaks and slashes in front.

    Releases are called by apps, and werkzeug's own stops at either.
    """

    regex = "(?s:.+?)"
    part_isolating = False  # or it would stop at slashes: werkzeug looks for one in the pattern


class LazyRule(Rule):
    """A rule of werkzeug's that matches and builds as any other does."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        """Stand in for one builder until its first call, which puts the real one in its place."""
        compile_now = super()._compile_builder

        def build_first(rule: LazyRule, **values: Any) -> tuple[str, str]:
            builder: Callable[..., tuple[str, str]] = compile_now(append_unknown).__get__(rule)
            # A thread that comes meanwhile compiles once more; what each puts here is the same.
            setattr(rule, "_build_unknown" if append_unknown else "_build", builder)
            return builder(**values)

        return build_first
