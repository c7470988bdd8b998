"""What each project, and each address, may send in a minute.

The allowances are decorators for *views*, applied at import. On a blueprint, or as a default, a
limit would be counted before the blueprint knows whose request it is, in one bucket for all; and
inside the factory it would be counted once more for every app that a process makes.
"""

import math
import time

from flask import Flask, Response, g
from flask_limiter import RateLimitExceeded, RequestLimit
from limits import RateLimitItemPerDay

from app.config import ConfigurationError
from app.current import this_g
from app.limits.limiter import AllowanceLimiter
from app.limits.shared_storage import SharedOrLocalStorage

limiter = AllowanceLimiter(key_func=lambda: f"project:{this_g().project_id}")

# Both feedback routes together; the protocol page's "100/min/project".
FEEDBACK_A_MINUTE = 100
SESSIONS_A_MINUTE = 2000
EVENTS_A_MINUTE = 600
feedback_allowance = limiter.allowance(f"{FEEDBACK_A_MINUTE}/minute", scope="feedback")
session_allowance = limiter.allowance(f"{SESSIONS_A_MINUTE}/minute", scope="sessions")
event_allowance = limiter.allowance(f"{EVENTS_A_MINUTE}/minute", scope="events")
# The same, for requests of the Sentry dialect, which have any number of each.
take_feedback = limiter.counter(f"{FEEDBACK_A_MINUTE}/minute", scope="feedback")
take_sessions = limiter.counter(f"{SESSIONS_A_MINUTE}/minute", scope="sessions")
take_events = limiter.counter(f"{EVENTS_A_MINUTE}/minute", scope="events")
# Requests whose project token is unknown, by address hash: guessing is slow, and a good token
# behind the same address is never refused for another's mistakes.
unknown_token_allowance = limiter.allowance(
    "60/minute", scope="unknown-token", key_func=lambda: f"address:{g.subscriber_hash.hex()}"
)
# Guesses at a password from one address at one account, and at the second factor of an account from
# anywhere (six digits are few). Counted before the guess is looked at, forgotten when it was right.
password_guess_allowance = limiter.allowance(
    "5/minute", scope="password-guesses", key_func=lambda: g.password_guess_key
)
# Wrong passwords for one account from anywhere: from then on only clients that logged in before get
# through. Counted afterwards, so that right ones neither count nor clear what others counted.
refuse_if_account_is_guessed_at, count_failure_of_account = limiter.tally(
    "100/hour",
    scope="failures-of-an-account",
    key_func=lambda: g.account_failures_key,
    refusal=(
        "Too many wrong passwords were tried for this account. Log in with a browser, or from an"
        " address, that logged in to it before; or have whoever runs this instance give it a new"
        " password: pionne-feedback accounts reset."
    ),
)
code_guess_allowance = limiter.allowance(
    "5/minute", scope="code-guesses", key_func=lambda: g.code_guess_key
)
daily_code_guess_allowance = limiter.allowance(
    "100/day", scope="code-guesses-of-a-day", key_func=lambda: g.code_guess_key
)
# Hashing a password costs a tenth of a second and 64 MiB, whether or not it is right, and a client
# may try another account each time.
password_work_allowance = limiter.allowance(
    "30/minute", scope="password-work", key_func=lambda: f"address:{g.subscriber_hash.hex()}"
)


def limits_are_shared() -> bool:
    """False while this process counts limits for itself, because the shared store was away.

    It is what this process last saw; `limit_storage_answers` looks now.
    """
    storage = limiter.storage
    return storage.is_shared if isinstance(storage, SharedOrLocalStorage) else True


def limit_storage_answers() -> bool:
    """Whether the store of RATELIMIT_STORAGE_URI can be reached now; takes two seconds at most."""
    return limiter.storage.check()


def remember_in_limits(key: str, *, days: int) -> None:
    """Keep a mark where limits are counted, for so many days from now; it goes by itself."""
    mark = RateLimitItemPerDay(1, days)
    limiter.strategy.clear(mark, key)
    limiter.strategy.hit(mark, key)


def is_remembered_in_limits(key: str, *, days: int) -> bool:
    return not limiter.strategy.test(RateLimitItemPerDay(1, days), key)


def forget_count(counted: RequestLimit | None) -> None:
    """Counts nothing, after all, under the key that a request was counted for."""
    if counted is not None:
        limiter.strategy.clear(counted.limit, *counted.request_args)


def seconds_until_allowed() -> int:
    """How long a refused client should wait: whole seconds, at least 1."""
    limit = limiter.current_limit
    if limit is None:
        return 1
    return max(1, math.ceil(limit.window.reset_time - time.time()))


def describe_allowance(response: Response) -> Response:
    """`X-RateLimit-*` wherever something was counted; `Retry-After` when it was refused.

    Flask-Limiter's own headers would say `Retry-After` on accepted requests too, and 0 at times.
    """
    limit = limiter.current_limit
    if limit is None:
        return response
    headers, window = response.headers, limit.window  # once: each look asks the store
    # No view sets these, and adding needs no look at all that is there.
    headers.add("X-RateLimit-Limit", str(limit.limit.amount))
    headers.add("X-RateLimit-Remaining", str(max(0, window.remaining)))
    headers.add("X-RateLimit-Reset", str(int(window.reset_time + 1)))
    if response.status_code == RateLimitExceeded.code:
        headers["Retry-After"] = str(seconds_until_allowed())
    return response


def init_limits(app: Flask) -> None:
    """Raises ConfigurationError for a store that cannot be used."""
    try:
        limiter.init_app(app)
    except Exception as error:  # each kind of store fails in its own way
        raise ConfigurationError(
            "RATELIMIT_STORAGE_URI cannot be used: set memory://, or redis://host:6379/0 for a"
            f" shared store ({type(error).__name__})."
        ) from error
    app.after_request(describe_allowance)
