"""Writes a row for a project only while it is alive, where no request has looked it up."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.database import insert_into
from app.database.prepared import given
from app.models import Project
from app.models.projects import IS_ALIVE


def insert_for_living(
    dialect_name: str, model: type[Any], names: Sequence[str]
) -> sqlite.Insert | postgresql.Insert:
    """Inserts the given columns, `project_id` first: no row for a project that is gone.

    One that is there stays until the commit.
    """
    values = [given(dialect_name, getattr(model, name)) for name in names]
    row = (
        select(*values)
        .select_from(Project)
        .where(Project.id == values[0], IS_ALIVE)
        .with_for_update(read=True, key_share=True)
    )
    return insert_into(dialect_name, model).from_select(names, row, include_defaults=False)
