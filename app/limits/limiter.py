"""Flask-Limiter, told what it would find out anew for each request.

It resolves which limits apply, by app, blueprint, route and method, and what exempts from them,
which takes twice as long as counting. Ours are one for each view, known as soon as that is written.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask.ctx import RequestContext
from flask.globals import request_ctx
from flask_limiter import Limiter, RateLimitExceeded, RequestLimit
from flask_limiter.util import get_qualified_name
from werkzeug.local import LocalProxy

View = TypeVar("View", bound=Callable[..., Any])
_context = cast("LocalProxy[RequestContext]", request_ctx)


class DecoratingLimiter(Limiter):
    """Counts its allowances straight; all other limits are Flask-Limiter's own business."""

    def allowance(
        self, limit_value: str, *, scope: str, key_func: Callable[[], str] | None = None
    ) -> Callable[[View], View]:
        """A decorator for views that share this limit, of a project unless told of what else.

        They raise RateLimitExceeded when there were too many requests.
        """
        (limit,) = self.shared_limit(limit_value, scope=scope, key_func=key_func)

        def decorate(view: View) -> View:
            self._marked_for_limiting.add(get_qualified_name(view))  # no default limits

            @wraps(view)
            def counted(*args: Any, **values: Any) -> Any:
                self._count(limit)
                return view(*args, **values)

            return cast(View, counted)

        return decorate

    def tally(
        self, limit_value: str, *, scope: str, key_func: Callable[[], str], refusal: str
    ) -> tuple[Callable[[], None], Callable[[], None]]:
        """For what is counted after it happened: one refuses when it is used up, one counts.

        The first raises RateLimitExceeded with this refusal, because not the request that meets it
        was one too many; the second never does.
        """
        (limit,) = self.shared_limit(
            limit_value, scope=scope, key_func=key_func, error_message=refusal
        )

        def refuse_if_used_up() -> None:
            if self.enabled:
                self._ask(limit, self.limiter.test)

        def count() -> None:
            if self.enabled:
                self.limiter.hit(limit.limit, key_func(), scope)

        return refuse_if_used_up, count

    def _count(self, limit: Any) -> None:
        if self.enabled:
            self._ask(limit, self.limiter.hit)

    def _ask(self, limit: Any, ask: Callable[..., bool]) -> None:
        request_args = [limit.key_func(), limit.scope]
        counted = RequestLimit(self, limit.limit, request_args, False, True)
        context = self.context
        context.view_rate_limit = counted
        context.view_rate_limits = [counted]
        if not ask(limit.limit, *request_args):
            counted.breached = True
            raise RateLimitExceeded(limit)

    @property
    def context(self) -> Any:
        """What is known of the limits of this request (a `LimiterContext`)."""
        known = vars(_context._get_current_object()).get("_limiter_request_context")
        return known[self] if known else super().context

    def _check_request_limit(
        self, callable_name: str | None = None, in_middleware: bool = True
    ) -> None:
        if in_middleware and not self._has_limits_of_rooms():
            return
        super()._check_request_limit(callable_name, in_middleware)

    def _has_limits_of_rooms(self) -> bool:
        known = self.limit_manager
        return bool(
            known._application_limits
            or known._default_limits
            or known._blueprint_limits
            or self._meta_limits
        )
