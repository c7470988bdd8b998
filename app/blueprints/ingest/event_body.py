"""Reads the body of an event, which may carry a picture and so be eight times any other body.

Only its bytes may be as many. What costs time and memory is how many lists, objects and values
Python has to make of them, and these may be no more than fit into a body of the usual size; and of
large bodies one at a time is looked at, or eight threads would hold eight of them in parts.
"""

from contextlib import AbstractContextManager, nullcontext
from threading import Lock

from werkzeug.exceptions import RequestEntityTooLarge

from app.blueprints.ingest.event_schema import EventSchema
from app.current import this_app, this_request
from app.extensions import settings
from app.services.issues.new_event import NewEvent, clean
from app.web.incoming import body_text, lenient_json

_schema = EventSchema()
_one_at_a_time = Lock()
# As it is written with its comma: a list in a list, `[],`, and a value with its name, `"a":0,`.
_SHORTEST_LIST_CHARS = 3
_SHORTEST_VALUE_CHARS = 6


def take_pictures() -> None:
    """Lets the body of this request be as large as that of an event with a picture."""
    this_request().max_content_length = settings().max_event_body_bytes


def event_of_body() -> NewEvent:
    """Raises ValidationError for what cannot be an event, and RequestEntityTooLarge."""
    usual = this_app().config["MAX_CONTENT_LENGTH"]
    text = body_text()
    turn: AbstractContextManager[object] = nullcontext()
    if len(text) > usual:
        _refuse_many_parts(text, usual)
        turn = _one_at_a_time
    with turn:
        body = lenient_json(text)
        del text  # a picture is in both
        event = clean(_schema.load(body))
    return event


def _refuse_many_parts(text: str, usual_chars: int) -> None:
    """Counts in strings, too: a text of millions of characters has fewer than this, a picture
    none."""
    for what, signs, shortest_chars in (
        ("lists and objects", "[{", _SHORTEST_LIST_CHARS),
        ("values", ",", _SHORTEST_VALUE_CHARS),
    ):
        at_most = usual_chars // shortest_chars
        if sum(map(text.count, signs)) > at_most:
            raise RequestEntityTooLarge(
                f"The body is too large: it has more than {at_most} {what} in it."
            )
