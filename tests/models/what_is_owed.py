"""What is wrong with a table's declaration of its duties, a line each, with the table's name."""

import importlib
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Float, Integer, Numeric, Table

from app.config import Settings
from app.models import Project
from app.models.columns import UtcDateTime
from app.models.declared import Undeclared, duties_of, project_id_in
from app.models.duties import Ages, Duties, HandledIn, OnErasure, PersonData, WhenAhead
from app.services.people import erasure, export
from app.services.people.rows import PersonExport

NO_TEXT = Integer | Date | DateTime | UtcDateTime | Boolean | Numeric | Float
_SETTINGS = {field.name for field in fields(Settings)}


def problems(model: type[Any]) -> Iterator[str]:
    """None for a table that declares all it owes, as it can be read and is handled."""
    table: Table = model.__table__
    try:
        duties = duties_of(model)
    except Undeclared:
        yield f"{table.name}: it does not say what it owes (app.models.duties)"
        return
    for each in (_texts, _times, _project, _ages, _counts, _handled):
        yield from (f"{table.name}{problem}" for problem in each(model, duties))
    if duties.person is not None:
        yield from (f"{table.name}: {each}" for each in _person(model, duties, duties.person))
    elif duties.searched:
        yield f"{table.name}: it is searched for a person, and says nothing about the rows found"


def _texts(model: type[Any], duties: Duties) -> Iterator[str]:
    """Whatever is not known to hold numbers and times alone can hold text."""
    columns = model.__table__.columns
    found = {column.name for column in columns if not isinstance(column.type, NO_TEXT)}
    for name in sorted(found - set(duties.texts)):
        yield f".{name}: it can hold text; may a person be in it? (texts)"
    for name in sorted(set(duties.texts) - found):
        yield f".{name}: it is among the texts, and no column that can hold any"
    for name, shares in duties.shared.items():
        if shares not in ("name", "environment"):
            yield f".{name}: no column of releases is called {shares}"


def _times(model: type[Any], duties: Duties) -> Iterator[str]:
    columns = model.__table__.columns
    found = {column.name for column in columns if isinstance(column.type, Date | UtcDateTime)}
    for name in sorted(found - set(duties.times)):
        yield f".{name}: what puts it right that was written while a clock was ahead? (times)"
    for name in sorted(set(duties.times) - found):
        yield f".{name}: it is among the times, and no column of days or moments"
    for name in sorted(found & set(duties.times)):
        duty = duties.times[name]
        if duty is WhenAhead.AS_ROW_BEFORE and "id" not in columns:
            yield f".{name}: which row is before another, without an id? (times)"
        if duty is WhenAhead.TO_DAY_BEFORE and not (
            columns[name].primary_key and project_id_in(model) is not None
        ):
            yield f".{name}: it is no day of a project's figures (times)"


def _project(model: type[Any], duties: Duties) -> Iterator[str]:
    hangs = _hangs_on_project(model.__table__)
    if duties.project_by is None:
        if hangs or "project_id" in model.__table__.columns:
            yield ": it hangs on a project, and does not say by which column (project_by)"
    elif duties.project_by not in model.__table__.columns:
        yield f".{duties.project_by}: there is no such column (project_by)"
    elif not hangs:
        yield f".{duties.project_by}: it leads to no project (project_by)"


def _hangs_on_project(table: Table) -> bool:
    return table is Project.__table__ or any(
        key.column.table is not table and _hangs_on_project(key.column.table)
        for key in table.foreign_keys
    )


def _ages(model: type[Any], duties: Duties) -> Iterator[str]:
    columns = model.__table__.columns
    for rule in duties.ages:
        if rule.by not in columns or not isinstance(columns[rule.by].type, Date | UtcDateTime):
            yield f".{rule.by}: there is no such column of days or moments (ages)"
        if not isinstance(rule, Ages):
            continue
        if rule.setting not in _SETTINGS:
            yield f": there is no setting {rule.setting} (ages)"
        for name in rule.forgets:
            if name not in columns or not columns[name].nullable:
                yield f".{name}: it cannot be forgotten (ages)"


def _counts(model: type[Any], duties: Duties) -> Iterator[str]:
    """A number that is never null and points nowhere counts something."""
    found = [
        column.name
        for column in model.__table__.columns
        if isinstance(column.type, Integer) and not column.nullable
        if not column.primary_key and not column.foreign_keys
    ]
    if found and duties.checked_in is None:
        yield f".{', '.join(found)}: what compares it with what it counts? (checked_in)"


def _handled(model: type[Any], duties: Duties) -> Iterator[str]:
    """A module that has a rule for a table names it."""
    if isinstance(duties.checked_in, HandledIn):
        if not hasattr(importlib.import_module(duties.checked_in.module), "verify"):
            yield f": {duties.checked_in.module} has no verify (checked_in)"
    for time in duties.times.values():
        if isinstance(time, HandledIn):
            if not hasattr(importlib.import_module(time.module), "repair"):
                yield f": {time.module} has no repair (times)"
    places = [
        *duties.texts.values(),
        *duties.times.values(),
        duties.checked_in,
        duties.person and duties.person.on_erasure,
    ]
    for place in places:
        if isinstance(place, HandledIn):
            module = importlib.import_module(place.module)
            if not any(known is model for known in vars(module).values()):
                yield f": {place.module} does not know it, and is said to handle it"


def _person(model: type[Any], duties: Duties, person: PersonData) -> Iterator[str]:
    kinds = PersonExport.kinds()
    if person.kind not in kinds:
        yield f"an export has no {person.kind} (app.services.people.rows)"
    elif person.kind not in export._OWN_RULES:
        told = {field.name for field in fields(kinds[person.kind])}
        for name in sorted(set(duties.searched) - set(duties.shared) - told):
            yield f"an export does not tell {name} (app.services.people.rows)"
    if isinstance(person.on_erasure, OnErasure):
        if "id" not in model.__table__.columns or project_id_in(model) is None:
            yield "rows that are erased one by one have an id and the id of a project"
        if not duties.searched and person.kind not in erasure._FOUND_BY_KEY:
            yield "nobody finds the rows that are to be erased"
