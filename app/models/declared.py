"""Finds what tables declare (app.models.duties), and what follows from it for a project's rows."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Select, func, select
from sqlalchemy.schema import sort_tables

from app.extensions import Model
from app.models.duties import Duties, PersonData


class Undeclared(Exception):
    """A table that does not say what it owes; the message is its name."""


def all_models() -> list[type[Any]]:
    """Raises Undeclared where a table has none, so that nobody passes it over."""
    found = [mapper.class_ for mapper in Model.registry.mappers]
    of_models = {str(model.__tablename__) for model in found}
    for name in sorted(set(Model.metadata.tables) - of_models):
        raise Undeclared(f"The table {name} has no model that could say what it owes.")
    return sorted(found, key=lambda model: str(model.__tablename__))


def duties_of(model: type[Any]) -> Duties:
    """Raises Undeclared."""
    duties = vars(model).get("duties")
    if not isinstance(duties, Duties):
        raise Undeclared(f"The table {model.__tablename__} does not say what it owes.")
    return duties


def children_first() -> list[type[Any]]:
    """All there are, each before those that it points to; raises Undeclared."""
    models = {model.__table__: model for model in all_models()}
    for model in models.values():
        duties_of(model)
    return [models[table] for table in reversed(sort_tables(models))]


def about_people() -> dict[type[Any], PersonData]:
    """The tables with rows that may be somebody's, or name them."""
    found = {model: duties_of(model).person for model in children_first()}
    return {model: person for model, person in found.items() if person is not None}


def searched_columns(model: type[Any]) -> tuple[Any, ...]:
    return tuple(getattr(model, name) for name in duties_of(model).searched)


def project_id_in(model: type[Any]) -> Any:
    """The column with the project's id; None where another table has it, or none."""
    name = duties_of(model).project_by
    if name is None or _parent(model.__table__.c[name]) is not None:
        return None
    return getattr(model, name)


def of_project(model: type[Any], project_id: int) -> ColumnElement[bool]:
    """Whether a row hangs on the project; for tables that declare by what."""
    name = duties_of(model).project_by
    assert name is not None
    column: Column[Any] = model.__table__.c[name]
    parent = _parent(column)
    if parent is None:
        return column == project_id
    return column.in_(select(parent.id).where(of_project(parent, project_id)))


def rows_by_project(model: type[Any]) -> Select[int, int]:
    """Ids of projects, and how many rows each has; for tables that declare by what they hang.

    Each index is read in its order, and joined only once it is counted.
    """
    name = duties_of(model).project_by
    assert name is not None
    column: Column[Any] = model.__table__.c[name]
    parent = _parent(column)
    counted = select(column.label("key"), func.count().label("rows")).group_by(column)
    if parent is None:
        return counted
    assert project_id_in(parent) is not None
    each = counted.subquery()
    project_id = project_id_in(parent)
    query = select(project_id, func.sum(each.c.rows)).join(each, parent.id == each.c.key)
    return query.group_by(project_id)


def _parent(column: Column[Any]) -> Any:
    """The table to whose ids the column points; None for a column with ids of projects."""
    models = {model.__table__: model for model in all_models()}
    parents = []
    for key in column.foreign_keys:
        parent = models[key.column.table]
        if key.column.name == duties_of(parent).project_by:
            return None  # it is the parent's own way to the project
        parents.append(parent)
    return parents[0] if parents else None
