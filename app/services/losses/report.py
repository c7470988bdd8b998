"""What a project lost, by day, and summed up for whoever looks at it."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select

from app.database import read_transaction
from app.domain.times import AHEAD_AT_MOST
from app.models import Loss

MAX_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class LossRow:
    day: date
    source: str
    kind: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class LossSum:
    """Of some days. `named_app` is the newest other app that refused events named, if known."""

    source: str
    kind: str
    reason: str
    count: int
    named_app: str | None


def by_day(project_id: int, *, today: date, days: int) -> list[LossRow]:
    """Of the last so many days, today among them; the newest day first."""
    key = (Loss.source, Loss.kind, Loss.reason)
    query = (
        select(Loss.day, *key, Loss.quantity.label("count"))
        .where(_in_days(project_id, today, days))
        .order_by(Loss.day.desc(), *key)
    )
    with read_transaction() as connection:
        return [LossRow(**row._asdict()) for row in connection.execute(query)]


def summed_up(project_id: int, *, today: date, days: int) -> list[LossSum]:
    """The most first; each kind and reason once."""
    key = (Loss.source, Loss.kind, Loss.reason)
    query = (
        select(*key, func.sum(Loss.quantity).label("quantity"))
        .where(_in_days(project_id, today, days))
        .group_by(*key)
    )
    named = (
        select(*key, Loss.named_app)
        .where(_in_days(project_id, today, days), Loss.named_app.is_not(None))
        .order_by(Loss.day)
    )
    with read_transaction() as connection:
        found = [(tuple(row[:3]), int(row.quantity)) for row in connection.execute(query)]
        apps = {tuple(row[:3]): row.named_app for row in connection.execute(named)}
    sums = [
        LossSum(source=key[0], kind=key[1], reason=key[2], count=count, named_app=apps.get(key))
        for key, count in found
    ]
    return sorted(sums, key=lambda each: (-each.count, each.source, each.kind, each.reason))


def _in_days(project_id: int, today: date, days: int) -> ColumnElement[bool]:
    """A host's clock may be ahead by a day; what is further ahead came under a wrong one."""
    is_theirs = Loss.project_id == project_id
    return is_theirs & Loss.day.between(today - timedelta(days=days - 1), today + AHEAD_AT_MOST)
