"""Column types that behave the same on SQLite and PostgreSQL."""

from collections.abc import Collection
from dataclasses import fields
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary
from sqlalchemy.orm import InstrumentedAttribute, mapped_column
from sqlalchemy.types import TypeDecorator

# SQLite makes only INTEGER an alias of the row id; it holds 64 bits all the same.
_BigInteger = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite has no time zones and would hand back a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


RowId = Annotated[int, mapped_column(_BigInteger, primary_key=True)]
Reference = Annotated[int, mapped_column(_BigInteger)]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
Digest = Annotated[bytes, mapped_column(LargeBinary(32))]
# What an SDK drew, 16 bytes.
Uuid = Annotated[bytes, mapped_column(LargeBinary(16))]

# Ids are never reused, not even the highest after its row is deleted.
NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


def columns_of(
    kind: type[Any], model: type[Any], *, apart_from: Collection[str] = ()
) -> tuple[InstrumentedAttribute[Any], ...]:
    """The columns of `model` that a dataclass is made of: named as its fields, in their order.

    Raises AttributeError for a field that is no column, unless it is one of those `apart_from`
    which it is made: a figure, or a label, that the caller adds.
    """
    names = (field.name for field in fields(kind))
    return tuple(getattr(model, name) for name in names if name not in apart_from)
