"""Where a page of a list begins: `?before=<id>`, as in the API's links."""

from marshmallow import ValidationError

from app.domain.field_limits import MAX_ID
from app.incoming import query_values
from app.schemas import QueryInteger, WireSchema


class CursorSchema(WireSchema):
    before = QueryInteger(lowest=1, highest=MAX_ID)


_schema = CursorSchema()


def cursor() -> int | None:
    """None for the first page, and for what is no id: an address that was cut shows the newest."""
    try:
        before: int | None = _schema.load(query_values())["before"]
    except ValidationError:
        return None
    return before
