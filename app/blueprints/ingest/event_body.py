"""Reads the body of an event, which may carry a picture and so be eight times any other body.

Only its bytes may be as many. What costs time and memory is how many lists, objects and values
Python has to make of them, and these are bounded. Of large bodies one at a time is looked at: eight
threads would hold eight of them in parts, and all others would wait for each.
"""

from contextlib import AbstractContextManager, nullcontext
from threading import Lock

from werkzeug.exceptions import RequestEntityTooLarge

from app.blueprints.ingest.event_schema import EventSchema
from app.current import this_app
from app.extensions import settings
from app.services.issues.new_event import NewEvent, clean
from app.web.incoming import body_text, lenient_json, refuse_many_digits

_schema = EventSchema()
_one_at_a_time = Lock()
# What takes longer would be at it in all threads at once, and small requests would wait for each of
# them to be interrupted.
_QUICK_MAX_CHARS = 64 * 1024
# A thousand are kept of an event, of lists, objects and all.
_MOST_LISTS = 100_000
# A thousand numbers of 500 digits each.
_MOST_DIGITS = 500_000
# As it is written, with its name and comma: `"a":0,`.
_SHORTEST_VALUE_CHARS = 6


def max_event_body_bytes() -> int:
    """With room for a picture."""
    return settings().max_event_body_bytes


def event_of_body() -> NewEvent:
    """Raises ValidationError for what cannot be an event, and RequestEntityTooLarge."""
    text = body_text()
    turn: AbstractContextManager[object] = nullcontext()
    if len(text) > _QUICK_MAX_CHARS:
        _refuse_many_parts(text)
        refuse_many_digits(text, at_most=_MOST_DIGITS)
        turn = _one_at_a_time
    with turn:
        body = lenient_json(text)
        del text  # a picture is in both
        event = clean(_schema.load(body))
    return event


def _refuse_many_parts(text: str) -> None:
    """Counts in strings, too: a text of millions of characters has fewer than this, a picture
    none."""
    for what, signs, at_most in (
        ("lists and objects", "[{", _MOST_LISTS),
        ("values", ",", this_app().config["MAX_CONTENT_LENGTH"] // _SHORTEST_VALUE_CHARS),
    ):
        if sum(map(text.count, signs)) > at_most:
            raise RequestEntityTooLarge(
                f"The body is too large: it has more than {at_most} {what} in it."
            )
