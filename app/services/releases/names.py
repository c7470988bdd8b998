"""Admits names of releases and environments: so many new ones a day for each project.

Whoever has a project's token can send any name, and each makes rows that all reports are read from.
Past the day's allowance what is sent is counted under `other`. A name is known once it has a row in
`releases`, be it of a session or of an event; who finds it there asks nothing here
(docs/decisions/0111-new-names-a-day.md).
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)

from app.config import Settings
from app.database import insert_into
from app.domain.releases import DEFAULT_ENVIRONMENT, OTHER, UNKNOWN_RELEASE
from app.models import NewNames, Project, Release
from app.models.sessions import ALL_ENVIRONMENTS

# What is told for who names none, and what is too much: they cannot be used up.
_FREE_RELEASES = frozenset((UNKNOWN_RELEASE, OTHER))
_FREE_ENVIRONMENTS = frozenset((DEFAULT_ENVIRONMENT, OTHER))


@dataclass(frozen=True)
class Names:
    """Under which a session or an event is counted."""

    release: str
    environment: str


def knows_names(
    release: ColumnElement[str], environment: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether the project of a statement around it knows both, together."""
    # Two rows: in its environment, and in all together.
    scopes = (
        select(func.count(Release.id))
        .where(
            Release.project_id == Project.id,
            Release.name == release,
            or_(Release.environment == ALL_ENVIRONMENTS, Release.environment == environment),
        )
        .correlate(Project)
        .scalar_subquery()
    )
    return scopes == len((True, False))


@dataclass(frozen=True)
class Allowance:
    """How many names may be new in a project in a UTC day."""

    releases: int
    environments: int

    @classmethod
    def of(cls, settings: Settings) -> "Allowance":
        return cls(settings.new_releases_per_day, settings.new_environments_per_day)


@dataclass(frozen=True)
class _Found:
    """What is known of two names, and how many were new today."""

    has_release: bool
    has_environment: bool
    releases: int
    environments: int

    def admit(self, asked: Names, allowance: Allowance) -> Names:
        has_release = self.has_release or asked.release in _FREE_RELEASES
        has_environment = self.has_environment or asked.environment in _FREE_ENVIRONMENTS
        return Names(
            asked.release if has_release or self.releases < allowance.releases else OTHER,
            (
                asked.environment
                if has_environment or self.environments < allowance.environments
                else OTHER
            ),
        )

    def new_releases(self, names: Names) -> int:
        return int(not self.has_release and names.release not in _FREE_RELEASES)

    def new_environments(self, names: Names) -> int:
        return int(not self.has_environment and names.environment not in _FREE_ENVIRONMENTS)


def admit(
    connection: Connection, project_id: int, asked: Names, *, day: date, allowance: Allowance
) -> Names:
    """The names to count under, which are known from the commit on; in the caller's transaction.

    One transaction at a time makes a project's names, so the allowance is exact. Who is over it
    waits for nobody.
    """
    at = {"project_id": project_id, "day": day}
    found = _look(connection, at, asked)
    names = found.admit(asked, allowance)
    if found.new_releases(names) or found.new_environments(names):
        connection.execute(_take_turn(connection.dialect.name), {**at, "none": 0})
        found = _look(connection, at, asked)  # what others made meanwhile
        names = found.admit(asked, allowance)
        connection.execute(
            _COUNT,
            {
                "of_project": project_id,
                "of_day": day,
                "more_releases": found.new_releases(names),
                "more_environments": found.new_environments(names),
            },
        )
    make_known(connection, project_id, names)
    return names


def make_known(connection: Connection, project_id: int, names: Names) -> None:
    """Whatever is left of the day's allowance."""
    rows = [
        {"project_id": project_id, "name": names.release, "environment": environment}
        for environment in (ALL_ENVIRONMENTS, names.environment)
    ]
    connection.execute(_make(connection.dialect.name), rows)


def _look(connection: Connection, at: dict[str, object], asked: Names) -> _Found:
    values = {**at, "name": asked.release, "environment": asked.environment}
    return _Found(*connection.execute(_LOOK, values).one())


_OF_PROJECT = Release.project_id == bindparam("project_id")
_TODAY = (NewNames.project_id == bindparam("project_id")) & (NewNames.day == bindparam("day"))
_LOOK = select(
    exists(
        select(Release.id).where(
            _OF_PROJECT,
            Release.environment == ALL_ENVIRONMENTS,
            Release.name == bindparam("name"),
        )
    ),
    exists(select(Release.id).where(_OF_PROJECT, Release.environment == bindparam("environment"))),
    func.coalesce(select(NewNames.releases).where(_TODAY).scalar_subquery(), 0),
    func.coalesce(select(NewNames.environments).where(_TODAY).scalar_subquery(), 0),
)
_COUNT = (
    update(NewNames)
    .where(NewNames.project_id == bindparam("of_project"), NewNames.day == bindparam("of_day"))
    .values(
        releases=NewNames.releases + bindparam("more_releases"),
        environments=NewNames.environments + bindparam("more_environments"),
    )
)


@cache
def _take_turn(dialect_name: str) -> Executable:
    """The day's row is there and locked, so the next look sees what its last holder made."""
    insert = insert_into(dialect_name, NewNames).values(
        project_id=bindparam("project_id"),
        day=bindparam("day"),
        releases=bindparam("none"),
        environments=bindparam("none"),
    )
    return insert.on_conflict_do_update(
        index_elements=["project_id", "day"], set_={"releases": NewNames.releases}
    )


@cache
def _make(dialect_name: str) -> Executable:
    return insert_into(dialect_name, Release).on_conflict_do_nothing(
        index_elements=["project_id", "environment", "name"]
    )
