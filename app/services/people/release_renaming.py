"""Gives releases and environments that name a person another name, wherever the old one stands.

A name of a build is shared by all who ran it, so nothing of theirs goes: every row and every figure
stays, under `[REDACTED] 7`. The number is the release's id; names stay as distinct as they were.
The row in `releases` comes last, so that an interrupted renaming begins again with the same number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import Connection, delete, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.database import insert_into, insert_unless_exists, read_transaction
from app.domain.scrubber import REDACTED
from app.models import Issue, IssueRelease, Release
from app.models.declared import about_people, duties_of
from app.models.sessions import ALL_ENVIRONMENTS
from app.services.people.erasure_steps import BATCH_ROWS, Counts, Erasure
from app.services.people.search import (
    Person,
    SharedName,
    rows_naming,
    shared_names_naming,
)


@dataclass(frozen=True)
class ReleaseName:
    """The text of one column of `releases` in one project."""

    project_id: int
    column: str
    text: str

    @property
    def shared(self) -> SharedName:
        return self.project_id, self.text

    def rows(self) -> Any:
        return (Release.project_id == self.project_id) & (
            getattr(Release, self.column) == self.text
        )


def names_naming(connection: Connection, person: Person) -> list[ReleaseName]:
    """Also the names of releases that had events and no session."""
    found = []
    own = (Release.project_id, Release.name, Release.environment)
    for project_id, name, environment in rows_naming(connection, person, Release, *own):
        found += [
            ReleaseName(project_id, "name", name),
            ReleaseName(project_id, "environment", environment),
        ]
    of_issues = (IssueRelease.project_id, IssueRelease.release)
    for project_id, release in rows_naming(connection, person, IssueRelease, *of_issues):
        found.append(ReleaseName(project_id, "name", release))
    for model in about_people():
        for (project_id, text), column in shared_names_naming(connection, person, model):
            found.append(ReleaseName(project_id, column, text))
    return [name for name in dict.fromkeys(found) if person.name_matcher.is_named_in(name.text)]


def rename(erasure: Erasure, old: ReleaseName) -> Iterator[Counts]:
    """Yields after each transaction; only the last one counts, and is audited."""
    chosen: list[str] = []
    yield erasure.step(old.project_id, partial(_choose_name, old=old, chosen=chosen))
    if not chosen:
        return  # purged meanwhile, or another erasure was first
    (new_text,) = chosen
    for model, column in _columns_for(old):
        yield from _rename_in(erasure, old, new_text, model, column)
    if old.column == "name":
        seen_in = select(IssueRelease.issue_id).where(_of_issues(old))
        for batch in _batches(seen_in.order_by(IssueRelease.issue_id)):
            move = partial(_move_issue_releases, old=old, new_text=new_text, issue_ids=batch)
            yield erasure.step(old.project_id, move)
    # Alone, or a session could open in an environment that is new to the release, under the old
    # name: the release's figures would then be split over two names.
    finish = partial(_rename_releases, old=old, new_text=new_text)
    yield erasure.step(old.project_id, finish, alone=True)


def _columns_for(old: ReleaseName) -> list[tuple[type[Any], InstrumentedAttribute[Any]]]:
    """Where the name of a release, or of an environment, also stands."""
    return [
        (model, getattr(model, name))
        for model in about_people()
        for name, shares in duties_of(model).shared.items()
        if shares == old.column
    ]


def _rename_in(
    erasure: Erasure,
    old: ReleaseName,
    new_text: str,
    model: type[Any],
    column: InstrumentedAttribute[Any],
) -> Iterator[Counts]:
    has_it = (model.project_id == old.project_id) & (column == old.text)

    def rename_batch(connection: Connection, ids: list[int]) -> Counts:
        renamed = update(model).where(model.id.in_(ids), has_it).values({column: new_text})
        connection.execute(renamed)
        return Counts()

    for batch in _batches(select(model.id).where(has_it).order_by(model.id)):
        yield erasure.step(old.project_id, partial(rename_batch, ids=batch))


def _rename_releases(connection: Connection, *, old: ReleaseName, new_text: str) -> Counts:
    connection.execute(update(Release).where(old.rows()).values({old.column: new_text}))
    return Counts(releases=1)


def _choose_name(connection: Connection, *, old: ReleaseName, chosen: list[str]) -> Counts:
    release_id = connection.execute(select(func.min(Release.id)).where(old.rows())).scalar()
    if release_id is None and not _is_elsewhere(connection, old):
        return Counts()
    if release_id is None and old.column == "name":
        release_id = _number(connection, old)
    if release_id is None:
        chosen.append(REDACTED)  # an environment of events alone, of which nothing is counted
        return Counts()
    suffixes = ("" if again == 0 else f"-{again}" for again in count())
    texts = (f"{REDACTED} {release_id}{suffix}" for suffix in suffixes)
    # An app can give its release any name, also such a one.
    chosen.append(
        next(text for text in texts if not _is_taken(connection, replace(old, text=text)))
    )
    return Counts()


def _number(connection: Connection, old: ReleaseName) -> int:
    """A release that had no session is none of `releases`, whose ids are the numbers."""
    insert = insert_unless_exists(
        connection.dialect.name, Release, "project_id", "environment", "name"
    )
    values = {"project_id": old.project_id, "environment": ALL_ENVIRONMENTS, "name": old.text}
    connection.execute(insert, values)
    return connection.execute(select(func.min(Release.id)).where(old.rows())).scalar_one()


def _is_taken(connection: Connection, name: ReleaseName) -> bool:
    return bool(connection.execute(select(Release.id).where(name.rows()).limit(1)).all())


def _is_elsewhere(connection: Connection, old: ReleaseName) -> bool:
    places: list[Any] = [
        select(model.id).where(model.project_id == old.project_id, column == old.text)
        for model, column in _columns_for(old)
    ]
    if old.column == "name":
        places.append(select(IssueRelease.issue_id).where(_of_issues(old)))
    return any(connection.execute(select(exists(place))).scalar() for place in places)


def _of_issues(old: ReleaseName) -> Any:
    return (IssueRelease.project_id == old.project_id) & (IssueRelease.release == old.text)


def _batches(query: Any) -> Iterator[list[int]]:
    with read_transaction() as connection:
        ids = list(connection.execute(query).scalars())
    for first in range(0, len(ids), BATCH_ROWS):
        yield ids[first : first + BATCH_ROWS]


def _move_issue_releases(
    connection: Connection, *, old: ReleaseName, new_text: str, issue_ids: list[int]
) -> Counts:
    """Adds up where an issue has both names: an app went on sending one that was given before."""
    # First, as an event does: the triggers that count an issue's releases change it.
    issues = select(Issue.id).where(Issue.id.in_(issue_ids)).order_by(Issue.id)
    connection.execute(issues.with_for_update(key_share=True))
    old_rows = _of_issues(old) & IssueRelease.issue_id.in_(issue_ids)
    rows = connection.execute(
        select(
            IssueRelease.issue_id,
            IssueRelease.project_id,
            IssueRelease.events_count,
            IssueRelease.first_seen_at,
        )
        .where(old_rows)
        .order_by(IssueRelease.issue_id)
        .with_for_update()
    ).all()
    if rows:
        connection.execute(delete(IssueRelease).where(old_rows))
        insert = insert_into(connection.dialect.name, IssueRelease)
        total = IssueRelease.events_count + insert.excluded.events_count
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["issue_id", "release"], set_={"events_count": total}
            ),
            [{**row._asdict(), "release": new_text} for row in rows],
        )
    return Counts()
