"""One release with all that tells how it is doing, of one moment; alone, or beside another."""

from dataclasses import dataclass

from app.database import snapshot
from app.domain.release_health import DayHealth, Durations, ReleaseHealth, Window
from app.domain.release_slices import SliceBy, SlicedRelease
from app.services import issues
from app.services.feedback import triage
from app.services.feedback.fields import FeedbackRow
from app.services.issues.issues import IssueRow
from app.services.releases import durations, health, overview, slices, verdicts
from app.services.releases.verdicts import ReleaseVerdict

_NEWEST_FEEDBACK = 20
# As many as one page of the report has.
_OTHERS_LOOKED_AT = 100


@dataclass(frozen=True)
class ReleaseDetail:
    """All of one moment, so that the days add up to the row."""

    health: ReleaseHealth
    days: list[DayHealth]
    durations: Durations
    top_issues: list[IssueRow]
    feedback: list[FeedbackRow]
    sliced: SlicedRelease | None = None


@dataclass(frozen=True)
class ComparedRelease:
    """One release beside another: `against` is None where there is no other one.

    `others` are those it can be compared with, the one seen last first; `has_more_others` tells
    whether there are more than these. `environments` are all, the one used last first.
    """

    detail: ReleaseDetail
    others: list[str]
    has_more_others: bool
    against: str | None
    judged: ReleaseVerdict | None
    environments: list[str]


def read(
    project_id: int, window: Window, *, release: str, by: SliceBy | None = None
) -> ReleaseDetail:
    """Issues and feedback are the release's of all time; slices are there if asked for.

    Raises NotFound when the release had no session in the window.
    """
    with snapshot():
        row = health.of_release(project_id, window, release=release)
        sliced = slices.of_releases(project_id, window, [row], by) if by else {}
        return ReleaseDetail(
            health=row,
            sliced=sliced.get(release),
            days=health.days_of_release(project_id, window, release=release),
            durations=durations.of_release(project_id, window, release=release),
            top_issues=issues.top_of_release(project_id, release),
            feedback=triage.of_release(project_id, release, limit=_NEWEST_FEEDBACK),
        )


def read_compared(
    project_id: int,
    window: Window,
    *,
    release: str,
    against: str | None = None,
    by: SliceBy | None = None,
) -> ComparedRelease:
    """Unless told otherwise against the newest one before it, else the one with most sessions, of
    those seen last. Raises NotFound as `read`."""
    with snapshot():
        detail = read(project_id, window, release=release, by=by)
        newest = health.list_page(project_id, window, limit=_OTHERS_LOOKED_AT + 1)
        rest = [row for row in newest.rows if row.release != release][:_OTHERS_LOOKED_AT]
        judged = verdicts.compare(project_id, window, release=release, against=against)
        if judged.against is None and rest:
            most_used = max(rest, key=lambda row: row.sessions_total).release
            judged = verdicts.compare(project_id, window, release=release, against=most_used)
        return ComparedRelease(
            detail=detail,
            others=[row.release for row in rest],
            has_more_others=len(newest.rows) > len(rest) + 1 or newest.next_before is not None,
            against=judged.against,
            judged=judged if judged.against else None,
            environments=overview.environments_of(project_id),
        )
