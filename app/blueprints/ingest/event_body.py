"""Reads the body of an event, which may carry a picture and so be eight times any other body.

Only its bytes may be as many. What costs time and memory is how many objects and lists Python has
to make of them, and these may be no more than fit into a body of the usual size; and of large
bodies one at a time is looked at, or eight threads would hold eight of them in parts.
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
# Of a list in a list, with its comma, as it is written: `[],`.
_SHORTEST_PART_CHARS = 3


def take_pictures() -> None:
    """Lets the body of this request be as large as that of an event with a picture."""
    this_request().max_content_length = settings().max_event_body_bytes


def event_of_body() -> NewEvent:
    """Raises ValidationError for what cannot be an event, and RequestEntityTooLarge."""
    usual = this_app().config["MAX_CONTENT_LENGTH"]
    text = body_text()
    turn: AbstractContextManager[object] = nullcontext()
    if len(text) > usual:
        _refuse_many_parts(text, at_most=usual // _SHORTEST_PART_CHARS)
        turn = _one_at_a_time
    with turn:
        body = lenient_json(text)
        del text  # a picture is in both
        event = clean(_schema.load(body))
    return event


def _refuse_many_parts(text: str, *, at_most: int) -> None:
    """Counts brackets in strings, too: a text of millions of characters has fewer than this."""
    if text.count("[") + text.count("{") > at_most:
        raise RequestEntityTooLarge(
            f"The body is too large: it has more than {at_most} lists and objects in it."
        )
