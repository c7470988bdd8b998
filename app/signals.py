"""What happened, told to whoever listens.

Services tell after the commit and know nobody who listens; a plugin listens in its `init_app`, to
one app. No signal carries an address, a token or a text, because listeners write to places that
last. (Not blinker, Flask's own: it costs twice as much, and this is on the path of each request.)
"""

from collections.abc import Callable

from flask import Flask

from app.current import this_app
from app.logs import log_failure

Listener = Callable[..., None]


class Signal:
    """One kind of event; compared by identity."""


# is_new: False for a copy of what is stored. redactions: {kind: count} in its message.
feedback_submitted = Signal()
session_recorded = Signal()
# redactions: {kind: count} in all its texts.
event_ingested = Signal()
# allowance: the name of the limit, such as "feedback".
request_limited = Signal()
# seconds: from asking for a connection, and for a writer's turn, to the commit.
transaction_ended = Signal()


def init_signals(app: Flask) -> None:
    app.extensions["listeners"] = {}


def listen(app: Flask, signal: Signal, listener: Listener) -> None:
    """Have the listener called, with the signal's values, each time."""
    app.extensions["listeners"].setdefault(signal, []).append(listener)


def tell(signal: Signal, **values: object) -> None:
    """What was done stays done: a listener that fails is logged, and fails nothing else."""
    for listener in this_app().extensions["listeners"].get(signal, ()):
        try:
            listener(**values)
        except Exception as error:
            log_failure(error)
