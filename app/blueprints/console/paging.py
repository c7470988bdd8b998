"""Where a page of a list begins: `?before=<id>`, as in the API's links."""

from marshmallow import ValidationError

from app.domain.field_limits import MAX_ID
from app.web.incoming import query_values
from app.web.schemas import QueryInteger, WireSchema


class CursorSchema(WireSchema):
    before = QueryInteger(lowest=1, highest=MAX_ID)
    after = QueryInteger(lowest=1, highest=MAX_ID)


_schema = CursorSchema()


def cursor(name: str = "before") -> int | None:
    """None for the first page, and for what is no id: an address that was cut shows the newest."""
    try:
        found: int | None = _schema.load({name: query_values().get(name)})[name]
    except ValidationError:
        return None
    return found
