"""Reads the body of an event, which may carry a picture and so be eight times any other body.

Only its bytes may be as many: what it may have in it is bounded as in any other body
(`app.domain.json_bounds`). Of large bodies one at a time is looked at: eight threads would hold
eight of them in parts, and all others would wait for each.
"""

from contextlib import nullcontext
from threading import Lock

from app.blueprints.ingest.event_schema import EventSchema
from app.domain.json_bounds import QUICK_MAX_BYTES
from app.extensions import settings
from app.services.issues.new_event import NewEvent, clean
from app.web.incoming import lenient_json, lenient_text, read_body

_schema = EventSchema()
_one_at_a_time = Lock()
# A thousand numbers of 500 digits each.
_MOST_DIGITS = 500_000


def max_event_body_bytes() -> int:
    """With room for a picture."""
    return settings().max_event_body_bytes


def event_of_body() -> NewEvent:
    """Raises ValidationError for what cannot be an event, and RequestEntityTooLarge."""
    raw = read_body()
    turn = _one_at_a_time if len(raw) > QUICK_MAX_BYTES else nullcontext()
    with turn:
        text = lenient_text(raw, most_digits=_MOST_DIGITS)
        del raw  # a picture is in each of them, and four times as large beside one emoji
        body = lenient_json(text)
        del text
        received = _schema.load(body)
        del body
        return clean(received)
