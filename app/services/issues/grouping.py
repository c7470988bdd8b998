"""Which issue an event belongs to: counted up, made, or reopened, in the event's own transaction.

One fingerprint in one project is one issue; the unique constraint decides who of two makes it.
An issue of an older version of the rules is known by the fingerprint that this version made, so
that an upgrade splits none (docs/decisions/0119-fingerprints-have-a-version.md).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from app.database import insert_into
from app.database.prepared import Prepared, Statement
from app.domain.grouping.grounds import Grounds
from app.domain.issue_status import IssueStatus
from app.domain.releases import OTHER
from app.models import Issue, IssueFingerprint, IssueRelease, NewNames
from app.models.events import shown_with
from app.services.issues.new_event import NewEvent
from app.services.sessions import native_crashes

# Of the issue in which a day's events are counted that would make too many new ones. No event has
# this fingerprint: theirs are digests of longer texts.
_FINGERPRINT_OF_OTHER = sha256(b"other").digest()
_MESSAGE_OF_OTHER = "More new kinds of errors came in a day than get an issue each."
_TOLD_AT_MOST = 20
_FINGERPRINTS = ("present", "former")
_IS_RESOLVED = Issue.status == IssueStatus.RESOLVED
_TOLD_OF_KNOWN = (
    Issue.id,
    Issue.fingerprint,
    Issue.grounds.is_(None).label("is_untold"),
    Issue.merged_into_id,
)
_KNOWN_BY = ((Issue, Issue.id), (IssueFingerprint, IssueFingerprint.issue_id))


@dataclass(frozen=True)
class CountedIssue:
    """`id` is the issue of its fingerprint; `shown_in` the same, or what that is merged into.

    `is_other`: it would have been one too many for the day.
    """

    id: int
    shown_in: int
    is_other: bool = False


def count_in_issue(
    connection: Connection,
    project_id: int,
    event: NewEvent,
    now: datetime,
    releases_seen: Collection[str],
    *,
    most_new: int,
) -> CountedIssue:
    """The event's issue, counted up, or made when there is none and the day has room for it.

    An event without a message leaves the issue the one that it has.
    """
    if known := _count_up(connection, project_id, event, now, releases_seen):
        return known
    if _may_be_new(connection, project_id, now.date(), most_new):
        return _make(connection, project_id, event, now, releases_seen)
    other = replace(
        event,
        exception_type=OTHER,
        message=_MESSAGE_OF_OTHER,
        fingerprint=_FINGERPRINT_OF_OTHER,
        former_fingerprint=None,
        grounds=None,
        former_grounds=None,
    )
    counted = _count_up(connection, project_id, other, now, releases_seen)
    counted = counted or _make(connection, project_id, other, now, releases_seen)
    return replace(counted, is_other=True)


def _count_up(
    connection: Connection,
    project_id: int,
    event: NewEvent,
    now: datetime,
    releases_seen: Collection[str],
) -> CountedIssue | None:
    """None where there is none."""
    known = (
        _known(connection, project_id, event, now)
        if event.crash is None
        else _known_of_crash(connection, project_id, event, now, releases_seen)
    )
    if known is None:
        return None
    issue_id, fingerprint, is_untold, merged_into_id = known
    if is_untold:
        _tell(connection, issue_id, _grounds_of(event, fingerprint))
    if fingerprint != event.fingerprint:
        _know_it_by(connection, project_id, event, issue_id)
    if merged_into_id is not None:
        seen = _seen_with(event, now, releases_seen)
        return CountedIssue(issue_id, _count_in_merged(connection, merged_into_id, seen))
    return CountedIssue(issue_id, issue_id)


def _known(connection: Connection, project_id: int, event: NewEvent, now: datetime) -> Any:
    found = _COUNT_UP.rows(
        connection,
        {
            "of_project": project_id,
            "former": event.former_fingerprint,
            "present": event.fingerprint,
            "seen_at": now,
            "told_level": event.level,
            "told_message": event.message,
        },
    )
    return found[0] if found else None


def _known_of_crash(
    connection: Connection,
    project_id: int,
    event: NewEvent,
    now: datetime,
    releases_seen: Collection[str],
) -> Any:
    """What reopens an issue is another question for each native crash, and rarely asked."""
    return connection.execute(
        update(Issue)
        .where(Issue.project_id == project_id, Issue.id == known_issue(project_id, event))
        .values(
            {
                **_seen_with(event, now, releases_seen),
                "level": event.level,
                "message": Issue.message if event.message is None else event.message,
            }
        )
        .returning(*_TOLD_OF_KNOWN)
    ).one_or_none()


def count_up_known(_dialect_name: str) -> ReturningUpdate[*tuple[Any, ...]]:
    """With the values of `_known`."""
    present, former = (bindparam(name, type_=Issue.fingerprint.type) for name in _FINGERPRINTS)
    of_project = bindparam("of_project", type_=Issue.project_id.type)
    moment = bindparam("seen_at", type_=Issue.last_seen_at.type)
    # Of the event's own issue alone: what that is merged into keeps its words.
    words = {
        "level": bindparam("told_level", type_=Issue.level.type),
        "message": func.coalesce(
            bindparam("told_message", type_=Issue.message.type), Issue.message
        ),
    }
    return (
        update(Issue)
        .where(
            Issue.project_id == of_project,
            Issue.id == _first_known_by(of_project, (former, present)),
        )
        .values({**_seen(moment, _IS_RESOLVED), **words})
        .returning(*_TOLD_OF_KNOWN)
    )


def _make(
    connection: Connection,
    project_id: int,
    event: NewEvent,
    now: datetime,
    releases_seen: Collection[str],
) -> CountedIssue:
    """Another transaction may be making the same issue: then this one counts it up after all.

    Not done at once for every event, because each attempt would use up an id.
    """
    values = {
        "project_id": project_id,
        "fingerprint": event.fingerprint,
        "exception_type": event.exception_type,
        "message": event.message,
        "level": event.level,
        "status": IssueStatus.OPEN,
        "events_count": 1,
        "first_seen_at": now,
        "last_seen_at": now,
        "grounds": None if event.grounds is None else [event.grounds.told()],
    }
    if event.crash is None:
        ((issue_id, merged_into_id),) = _MAKE.rows(connection, values)
    else:
        reopens = _reopens(event, now, releases_seen)
        issue_id, merged_into_id = connection.execute(
            _make_or_count_up(connection.dialect.name, reopens), values
        ).one()
    if merged_into_id is not None:
        seen = _seen_with(event, now, releases_seen)
        return CountedIssue(issue_id, _count_in_merged(connection, merged_into_id, seen))
    return CountedIssue(issue_id, issue_id)


def _make_or_count_up(dialect_name: str, reopens: ColumnElement[bool]) -> Statement:
    insert = insert_into(dialect_name, Issue)
    given = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=["project_id", "fingerprint"],
        set_={
            **_seen(given.last_seen_at, reopens),
            "level": given.level,
            "message": func.coalesce(given.message, Issue.message),
        },
    ).returning(Issue.id, Issue.merged_into_id)


def _seen_with(event: NewEvent, now: datetime, releases_seen: Collection[str]) -> dict[str, Any]:
    moment = literal(now, Issue.last_seen_at.type)
    return _seen(moment, _reopens(event, now, releases_seen))


def _seen(moment: ColumnElement[Any], reopens: ColumnElement[bool]) -> dict[str, Any]:
    """What an event changes of its issue, and of those that this is merged into."""
    is_reopened = reopens & Issue.merged_into_id.is_(None)
    own_last, own_first = Issue.own_last_seen_at, Issue.own_first_seen_at
    return {
        "events_count": Issue.events_count + 1,
        "last_seen_at": case((Issue.last_seen_at < moment, moment), else_=Issue.last_seen_at),
        "first_seen_at": case((Issue.first_seen_at > moment, moment), else_=Issue.first_seen_at),
        # Null stays null.
        "own_events_count": Issue.own_events_count + 1,
        "own_last_seen_at": case((own_last < moment, moment), else_=own_last),
        "own_first_seen_at": case((own_first > moment, moment), else_=own_first),
        "status": case((is_reopened, IssueStatus.OPEN), else_=Issue.status),
        "reopened_at": case((is_reopened, moment), else_=Issue.reopened_at),
    }


def _count_in_merged(
    connection: Connection, merged_into_id: int | None, seen: Mapping[str, Any]
) -> int:
    """The id of the issue that shows the event; up from the event's own, as all lock them."""
    of_others = {name: value for name, value in seen.items() if not name.startswith("own_")}
    shown_in = 0
    while merged_into_id is not None:
        shown_in, merged_into_id = connection.execute(
            update(Issue)
            .where(Issue.id == merged_into_id)
            .values(of_others)
            .returning(Issue.id, Issue.merged_into_id)
        ).one()
    return shown_in


def _may_be_new(connection: Connection, project_id: int, day: date, most: int) -> bool:
    """Counts it; who is the last of a day waits for nobody but for who is counted now."""
    values = {"project_id": project_id, "day": day, "most": most, "none": 0, "one": 1}
    return _COUNT_NEW.value(connection, values) is not None


def _count_new(dialect_name: str) -> Statement:
    """A row where there was room for one more."""
    insert = insert_into(dialect_name, NewNames).values(
        project_id=bindparam("project_id"),
        day=bindparam("day"),
        releases=bindparam("none"),
        environments=bindparam("none"),
        issues=bindparam("one"),
    )
    return insert.on_conflict_do_update(
        index_elements=["project_id", "day"],
        set_={"issues": NewNames.issues + 1},
        where=NewNames.issues < bindparam("most"),
    ).returning(NewNames.issues)


def known_issue(project_id: int, event: NewEvent) -> ColumnElement[int | None]:
    """The id of the event's issue, or null; what people triaged before an upgrade comes first."""
    fingerprints = (event.former_fingerprint, event.fingerprint)
    return _first_known_by(project_id, [each for each in fingerprints if each is not None])


def _first_known_by(project_id: Any, fingerprints: Iterable[Any]) -> ColumnElement[int | None]:
    """Null is the fingerprint of none."""
    return func.coalesce(
        *(
            select(column)
            .where(table.project_id == project_id, table.fingerprint == fingerprint)
            .scalar_subquery()
            for fingerprint in fingerprints
            for table, column in _KNOWN_BY
        )
    )


def _know_it_by(connection: Connection, project_id: int, event: NewEvent, issue_id: int) -> None:
    """Events whose former fingerprint is another one, as in the next build, find it by this."""
    is_new = connection.execute(
        insert_into(connection.dialect.name, IssueFingerprint)
        .on_conflict_do_nothing()
        .returning(IssueFingerprint.issue_id),
        {"project_id": project_id, "fingerprint": event.fingerprint, "issue_id": issue_id},
    ).scalar()
    if is_new:
        _tell(connection, issue_id, event.grounds)


def _grounds_of(event: NewEvent, fingerprint: bytes) -> Grounds | None:
    """What of the event made this fingerprint; None where that was a version that is not known."""
    if fingerprint == event.fingerprint:
        return event.grounds
    return event.former_grounds if fingerprint == event.former_fingerprint else None


def _tell(connection: Connection, issue_id: int, counted: Grounds | None) -> None:
    """Add it to why events are of the issue, which this transaction has just counted up."""
    if counted is None:
        return
    query = select(Issue.grounds).where(Issue.id == issue_id)
    told = connection.execute(query).scalar() or []
    if len(told) < _TOLD_AT_MOST:
        told = [*told, counted.told()]
        connection.execute(update(Issue).where(Issue.id == issue_id).values(grounds=told))


def _reopens(event: NewEvent, now: datetime, releases_seen: Collection[str]) -> ColumnElement[bool]:
    """What crashed before its issue was resolved says nothing against that; nor does what crashed
    in a release in which it was seen before, and is reported by a newer one, which may mend it."""
    reopens, crash = _IS_RESOLVED, event.crash
    if crash is None:
        return reopens
    if crashed_at := native_crashes.crash_time(crash, now=now):
        reopens &= or_(Issue.resolved_at.is_(None), Issue.resolved_at < crashed_at)
    if not crash.is_of_running_version:
        seen = select(IssueRelease.issue_id).where(
            IssueRelease.issue_id.in_(shown_with(Issue.id)),
            # By the name that it is stored under, also where others store it meanwhile.
            IssueRelease.release.in_({event.release, *releases_seen}),
        )
        reopens &= ~exists(seen.correlate(Issue))
    return reopens


def count_in_release(
    connection: Connection, project_id: int, issue_id: int, release: str, now: datetime
) -> None:
    _COUNT_RELEASE.rows(
        connection,
        {
            "issue_id": issue_id,
            "release": release,
            "project_id": project_id,
            "events_count": 1,
            "first_seen_at": now,
        },
    )


def _count_release(dialect_name: str) -> Statement:
    return insert_into(dialect_name, IssueRelease).on_conflict_do_update(
        index_elements=["issue_id", "release"],
        set_={"events_count": IssueRelease.events_count + 1},
    )


_COUNT_UP = Prepared(count_up_known)
_MAKE = Prepared(lambda dialect_name: _make_or_count_up(dialect_name, _IS_RESOLVED))
_COUNT_NEW = Prepared(_count_new)
_COUNT_RELEASE = Prepared(_count_release)
