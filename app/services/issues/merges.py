"""Issues that people make one, and take apart again.

Nothing of an issue moves when it is merged: events, feedback and releases stay with the issue of
their fingerprint, and so do those that come later. What changes is which issue shows them, and what
this one counts (`app.domain.issue_tree`). So taking apart gives each back what is its own, and
either takes no longer for a million events
(docs/decisions/0130-merged-issues-keep-their-rows.md).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, or_, select, update

from app.database import write_transaction
from app.domain.audit_action import AuditAction
from app.domain.issue_tree import Figures, IssueTree, MergedIssue
from app.models import Issue, Project
from app.services import audit
from app.services.errors import Invalid, NotFound
from app.services.issues.issues import IssueRow, row_of

# An event is counted in each issue that its own is merged into, and a page reads them all.
MOST_MERGED = 500
_FIELD = "ids"
_COLUMNS = (
    Issue.id,
    Issue.events_count,
    Issue.first_seen_at,
    Issue.last_seen_at,
    Issue.own_events_count,
    Issue.own_first_seen_at,
    Issue.own_last_seen_at,
    Issue.merged_into_id,
    Issue.shown_in_id,
)


@dataclass(frozen=True)
class TakenApart:
    """The issue that others were taken out of, and these."""

    issue: IssueRow
    taken_out: list[IssueRow]


def merge(
    project_id: int, issue_id: int, ids: Collection[int], *, actor: str | None, now: datetime
) -> IssueRow:
    """Merge issues into one, which keeps its status; those that are in it already stay in it.

    Raises NotFound where one is none of the project's, and Invalid where one is merged into
    another, where it is the same one, or where they are too many. Nothing is merged then.
    """
    with write_transaction() as connection:
        tree = _locked(connection, project_id, {issue_id, *ids})
        others = _mergeable(tree, issue_id, ids)
        before = dict(tree.issues)
        for each in others:
            tree.merge(each, into=issue_id)
        _store(connection, before, tree)
        if others:
            connection.execute(update(Issue).where(Issue.id.in_(others)).values(merged_at=now))
            details = {each: {"into": issue_id} for each in others}
            deed = AuditAction.ISSUE_MERGED
            audit.record_each(connection, project_id, deed, details, actor=actor, now=now)
        return row_of(connection, project_id, issue_id)


def take_apart(
    project_id: int,
    issue_id: int,
    ids: Collection[int] | None,
    *,
    actor: str | None,
    now: datetime,
) -> TakenApart:
    """Take issues out of the one that they are merged into, each with what was merged into it.

    They have the status that they had before. None takes out all that is merged into the issue
    itself. Raises NotFound, and Invalid where one is not merged into it; nothing is changed then.
    """
    with write_transaction() as connection:
        tree = _locked(connection, project_id, {issue_id, *(ids or ())})
        if ids is None:
            ids = [each.id for each in tree.below(issue_id)]
        taken_out = sorted(set(ids))
        for each in taken_out:
            if each == issue_id or tree.issues[each].shown_in != issue_id:
                raise Invalid(_FIELD, f"Issue {each} is not merged into issue {issue_id}.")
        before = dict(tree.issues)
        for each in taken_out:
            tree.take_out(each)
        _store(connection, before, tree)
        if taken_out:
            connection.execute(update(Issue).where(Issue.id.in_(taken_out)).values(merged_at=None))
            details = {each: {"of": issue_id} for each in taken_out}
            deed = AuditAction.ISSUE_TAKEN_OUT
            audit.record_each(connection, project_id, deed, details, actor=actor, now=now)
        rows = [row_of(connection, project_id, each) for each in taken_out]
        return TakenApart(row_of(connection, project_id, issue_id), rows)


def _mergeable(tree: IssueTree, issue_id: int, ids: Iterable[int]) -> list[int]:
    """Those that are not in it yet; raises Invalid."""
    into = tree.issues[issue_id]
    if into.shown_in is not None:
        raise Invalid(_FIELD, f"Issue {issue_id} is merged into issue {into.shown_in} itself.")
    others = []
    for each in sorted(set(ids)):
        shown_in = tree.issues[each].shown_in
        if each == issue_id:
            raise Invalid(_FIELD, "An issue cannot be merged into itself.")
        if shown_in is None:
            others.append(each)
        elif shown_in != issue_id:
            raise Invalid(_FIELD, f"Issue {each} is merged into issue {shown_in} by now.")
    merged = sum(issue.shown_in is not None for issue in tree.issues.values()) + len(others)
    if merged > MOST_MERGED:
        raise Invalid(_FIELD, f"At most {MOST_MERGED} issues can be merged into one.")
    return others


def _locked(connection: Connection, project_id: int, ids: Collection[int]) -> IssueTree:
    """The issues, with all that are shown with them; raises NotFound.

    Who else merges in the project waits, and on PostgreSQL so do events that are on their way.
    """
    turn = select(Project.id).where(Project.id == project_id).with_for_update()
    connection.execute(turn)
    found = _read(connection, project_id, Issue.id.in_(ids))
    if missing := set(ids) - found.issues.keys():
        which = f"issue {min(missing)}" if len(ids) > 1 else "such issue"
        raise NotFound(f"There is no {which} in this project.")
    shown = {issue.shown_in or issue.id for issue in found.issues.values()}
    whole = or_(Issue.id.in_(shown), Issue.shown_in_id.in_(shown))
    # As an event does, and a row at a time: what is merged before what it is merged into.
    for level in _read(connection, project_id, whole).bottom_up():
        rows = select(Issue.id).where(Issue.id.in_(level)).order_by(Issue.id)
        connection.execute(rows.with_for_update())
    return _read(connection, project_id, whole)


def _read(connection: Connection, project_id: int, condition: ColumnElement[bool]) -> IssueTree:
    rows = connection.execute(select(*_COLUMNS).where(Issue.project_id == project_id, condition))
    return IssueTree(
        MergedIssue(
            id=row.id,
            total=Figures(row.events_count, row.first_seen_at, row.last_seen_at),
            own=(
                None
                if row.own_events_count is None
                else Figures(row.own_events_count, row.own_first_seen_at, row.own_last_seen_at)
            ),
            merged_into=row.merged_into_id,
            shown_in=row.shown_in_id,
        )
        for row in rows
    )


_STORE = (
    update(Issue)
    .where(Issue.id == bindparam("of"))
    .values({column: bindparam(column.key, type_=column.type) for column in _COLUMNS[1:]})
)


def _store(connection: Connection, before: dict[int, MergedIssue], tree: IssueTree) -> None:
    changed = [issue for issue in tree.issues.values() if before[issue.id] != issue]
    if changed:
        connection.execute(_STORE, [_values(issue) for issue in changed])


def _values(issue: MergedIssue) -> dict[str, object]:
    own = issue.own
    return {
        "of": issue.id,
        "events_count": issue.total.events_count,
        "first_seen_at": issue.total.first_seen_at,
        "last_seen_at": issue.total.last_seen_at,
        "own_events_count": own and own.events_count,
        "own_first_seen_at": own and own.first_seen_at,
        "own_last_seen_at": own and own.last_seen_at,
        "merged_into_id": issue.merged_into,
        "shown_in_id": issue.shown_in,
    }
