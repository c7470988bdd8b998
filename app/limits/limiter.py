"""Flask-Limiter, told what it would find out anew for each request.

Its hooks resolve which limits apply, by app, blueprint, route and method, and what exempts from
them, which takes many times as long as counting. Ours are one for each view, known as soon as that
is written, so the hooks stay away (docs/decisions/0097-limits-without-hooks.md). For a limit of
another kind, as on a whole blueprint, a plugin makes a `flask_limiter.Limiter` of its own.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask
from flask_limiter import Limiter, RateLimitExceeded, RequestLimit
from limits.storage import Storage
from limits.strategies import RateLimiter

from app.current import this_g

View = TypeVar("View", bound=Callable[..., Any])


class AllowanceLimiter:
    """Counts allowances by a strategy of Flask-Limiter's, and by nothing else of it."""

    def __init__(self, *, key_func: Callable[[], str]) -> None:
        # The default strategy lets twice the allowance through at the edge of two windows.
        self._limiter = Limiter(key_func=key_func, strategy="moving-window")

    def init_app(self, app: Flask) -> None:
        """Take the store of RATELIMIT_STORAGE_URI; raises whatever that kind of store raises."""
        # Flask-Limiter adds its hooks to apps that do not have it yet.
        app.extensions.setdefault("limiter", set()).add(self._limiter)
        self._limiter.init_app(app)
        app.teardown_request(_forget_current)

    @property
    def storage(self) -> Storage:
        """Where the app that was made last counts."""
        return self._limiter.storage

    @property
    def strategy(self) -> RateLimiter:
        return self._limiter.limiter

    @property
    def current_limit(self) -> RequestLimit | None:
        """What this request was counted for last, if for anything."""
        counted: RequestLimit | None = this_g().get("counted")
        return counted

    def allowance(
        self, limit_value: str, *, scope: str, key_func: Callable[[], str] | None = None
    ) -> Callable[[View], View]:
        """A decorator for views that share this limit, of a project unless told of what else.

        They raise RateLimitExceeded when there were too many requests.
        """
        (limit,) = self._limiter.shared_limit(limit_value, scope=scope, key_func=key_func)

        def decorate(view: View) -> View:
            @wraps(view)
            def counted(*args: Any, **values: Any) -> Any:
                if self._limiter.enabled:
                    self._ask(limit, self.strategy.hit)
                return view(*args, **values)

            return cast(View, counted)

        return decorate

    def counter(self, limit_value: str, *, scope: str) -> Callable[[int], int]:
        """For requests that have any number of what the limit counts, as its `allowance` does.

        Tells how many of so many may pass, and counts these. Where they are fewer,
        `current_limit` is this one.
        """
        (limit,) = self._limiter.shared_limit(limit_value, scope=scope)

        def take(count: int) -> int:
            request_args: list[Any] = [limit.key_func(), limit.scope]
            if not self._limiter.enabled or not count:
                return count
            taken = count
            while taken and not self.strategy.hit(limit.limit, *request_args, cost=taken):
                stats = self.strategy.get_window_stats(limit.limit, *request_args)
                # Somebody else may have taken what was left.
                taken = min(taken - 1, max(0, stats.remaining))
            if taken < count:
                counted = RequestLimit(self._limiter, limit.limit, request_args, False, True)
                counted.breached = True
                this_g().counted = counted
            return taken

        return take

    def tally(
        self, limit_value: str, *, scope: str, key_func: Callable[[], str], refusal: str
    ) -> tuple[Callable[[], None], Callable[[], None]]:
        """For what is counted after it happened: one refuses when it is used up, one counts.

        The first raises RateLimitExceeded with this refusal, because not the request that meets it
        was one too many; the second never does.
        """
        (limit,) = self._limiter.shared_limit(
            limit_value, scope=scope, key_func=key_func, error_message=refusal
        )

        def refuse_if_used_up() -> None:
            if self._limiter.enabled:
                self._ask(limit, self.strategy.test)

        def count() -> None:
            if self._limiter.enabled:
                self.strategy.hit(limit.limit, key_func(), scope)

        return refuse_if_used_up, count

    def _ask(self, limit: Any, ask: Callable[..., bool]) -> None:
        request_args = [limit.key_func(), limit.scope]
        counted = RequestLimit(self._limiter, limit.limit, request_args, False, True)
        this_g().counted = counted
        if not ask(limit.limit, *request_args):
            counted.breached = True
            raise RateLimitExceeded(limit)


def _forget_current(_error: BaseException | None) -> None:
    """Tests make several requests in one context; the next one was not counted yet."""
    this_g().pop("counted", None)
