"""Flask, without what it would find out anew for each request, or before anybody asks."""

import json
from collections.abc import Callable
from functools import cached_property, lru_cache
from inspect import iscoroutinefunction
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from app.web.url_rules import LazyRule

_COMPACT = {"separators": (",", ":")}


class OrderedJSON(DefaultJSONProvider):
    """Members stay in the order they were written in; one encoder serves all answers."""

    sort_keys = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        if kwargs == _COMPACT:
            return self._compact.encode(obj)
        return super().dumps(obj, **kwargs)

    @cached_property
    def _compact(self) -> json.JSONEncoder:
        return json.JSONEncoder(
            default=self.default, ensure_ascii=self.ensure_ascii, separators=_COMPACT["separators"]
        )


class Application(Flask):
    """A Flask app whose views and hooks are asked once whether they are coroutines."""

    json_provider_class = OrderedJSON
    url_rule_class = LazyRule

    def __init__(self, *args: Any, **values: Any) -> None:
        # The app's own: one of the process would keep each app alive, by its hooks' closures.
        self._is_coroutine = lru_cache(maxsize=2048)(iscoroutinefunction)
        super().__init__(*args, **values)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return super().ensure_sync(func) if self._is_coroutine(func) else func
