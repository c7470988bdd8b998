"""The short transactions of an erasure: each has the project to itself, and is audited.

Two erasures of one project would lock the same rows in another order, so they take turns. A step
that is `alone` also keeps reports of SDKs out of the project while it runs: it must be over in some
tens of milliseconds.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from app.database import write_transaction
from app.domain.audit_action import AuditAction
from app.domain.mentions import AddressMatcher
from app.models import Project
from app.models.declared import duties_of
from app.services import audit
from app.services.people.search import Person

# A batch holds SQLite's write lock for some tens of milliseconds.
BATCH_ROWS = 200

# How many rows of each kind: by the names that an export has for them.
Counts = Counter[str]


def in_words(counts: Mapping[str, int]) -> str:
    """`3 feedback, 1 audit`; "" where there is nothing."""
    return ", ".join(
        f"{count:,} {kind.replace('_', ' ')}" for kind, count in counts.items() if count
    )


@dataclass(frozen=True)
class Erasure:
    """Whom it takes away, and who does so: None for the instance's shell."""

    person: Person
    actor: str | None
    now: datetime

    def step(
        self, project_id: int, work: Callable[[Connection], Counts], *, alone: bool = False
    ) -> Counts:
        """What `work` took away, in one transaction; nothing where the project is gone."""
        with write_transaction() as connection:
            turn = select(Project.id).where(Project.id == project_id)
            # PostgreSQL: each new row of a project shares a lock of its key.
            if connection.execute(turn.with_for_update(key_share=not alone)).scalar() is None:
                return Counts()  # purged meanwhile, with all its rows
            erased = +work(connection)  # without what was not there any more
            if erased:
                deed = AuditAction.PERSON_ERASED
                audit.record(connection, project_id, deed, actor=self.actor, now=self.now, **erased)
        return erased


def hide(
    connection: Connection,
    matcher: AddressMatcher,
    model: type[Any],
    *,
    ids: list[int],
    but: Collection[str] = (),
) -> int:
    """Replace each text that names the person in the columns that are searched, `but` in these;
    returns how many rows had one."""
    names = [name for name in duties_of(model).searched if name not in but]
    columns = [getattr(model, name) for name in names]
    rows = connection.execute(
        select(model.id, *columns).where(model.id.in_(ids)).order_by(model.id).with_for_update()
    ).all()
    hidden_rows = 0
    for row_id, *values in rows:
        hidden = {
            name: matcher.hide_in(value)
            for name, value in zip(names, values, strict=True)
            if matcher.is_named_in(value)
        }
        if hidden:
            connection.execute(update(model).where(model.id == row_id).values(hidden))
            hidden_rows += 1
    return hidden_rows
