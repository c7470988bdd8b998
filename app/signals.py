"""What happened, told to whoever listens.

Services tell after the commit and know nobody who listens; a plugin listens in its `init_app`, to
one app. No signal carries an address, a token or a text, because listeners write to places that
last. The signals are blinker's, a set of them for each app: what listens goes when its app goes.
"""

from collections.abc import Callable
from typing import NewType

from blinker import ANY, Namespace
from flask import Flask

from app.current import this_app
from app.logs import log_failure

Listener = Callable[..., None]
Signal = NewType("Signal", str)

# is_new: False for a copy of what is stored. redactions: {kind: count} in its message.
feedback_submitted = Signal("feedback-submitted")
session_recorded = Signal("session-recorded")
# redactions: {kind: count} in all its texts.
event_ingested = Signal("event-ingested")
# allowance: the name of the limit, such as "feedback".
request_limited = Signal("request-limited")
# source, kind, reason: words of app.domain.losses. quantity: how many.
loss_counted = Signal("loss-counted")
# seconds: from asking for a connection, and for a writer's turn, to the commit.
transaction_ended = Signal("transaction-ended")


def init_signals(app: Flask) -> None:
    app.extensions["signals"] = Namespace()


def listen(app: Flask, signal: Signal, listener: Listener) -> None:
    """Have the listener called, with the signal's values, each time; in no certain order."""
    signals: Namespace = app.extensions["signals"]
    signals.signal(signal).connect(listener, weak=False)


def tell(signal: Signal, **values: object) -> None:
    """What was done stays done: a listener that fails is logged, and fails nothing else."""
    signals: Namespace = this_app().extensions["signals"]
    # Not `send`, which stops at the first listener that fails.
    for listener in signals.signal(signal).receivers_for(ANY):
        try:
            listener(**values)
        except Exception as error:
            log_failure(error)
