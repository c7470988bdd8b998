"""The marshmallow fields and schemas that every blueprint's own are made of.

On the wire, null and a blank string in an optional field mean that it is absent; unknown fields are
ignored; a number where text belongs is refused.

Each field tells what it takes as JSON Schema, for the API's description. That is what is surely
taken; as text is trimmed first, a little more may be.
"""

from app.web.schemas.fields import (
    WireBoolean,
    WireChoice,
    WireCode,
    WireEmail,
    WireIds,
    WireInteger,
    WireName,
    WireRate,
    WireText,
    WireTime,
    WireUuid,
)
from app.web.schemas.loose_fields import CutText, LooseInteger, LooseText
from app.web.schemas.query_fields import QueryDay, QueryInteger, QueryMoment, QueryNumber
from app.web.schemas.schema import AnswerSchema, WireSchema

__all__ = [
    "AnswerSchema",
    "CutText",
    "LooseInteger",
    "LooseText",
    "QueryDay",
    "QueryInteger",
    "QueryMoment",
    "QueryNumber",
    "WireBoolean",
    "WireChoice",
    "WireCode",
    "WireEmail",
    "WireIds",
    "WireInteger",
    "WireName",
    "WireRate",
    "WireSchema",
    "WireText",
    "WireTime",
    "WireUuid",
]
