"""What an issue counts with those that are merged into it, and into these: a tree.

An issue that nothing is merged into counts its own events, and `own` is None, as it would be the
same. So what comes meanwhile is counted without knowing of trees: once more in each that is above.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True)
class Figures:
    events_count: int
    first_seen_at: datetime
    last_seen_at: datetime

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.events_count + other.events_count,
            min(self.first_seen_at, other.first_seen_at),
            max(self.last_seen_at, other.last_seen_at),
        )


@dataclass(frozen=True)
class MergedIssue:
    """`merged_into` is None for one that stands alone; `shown_in` is where that way ends."""

    id: int
    total: Figures
    own: Figures | None = None
    merged_into: int | None = None
    shown_in: int | None = None


class IssueTree:
    """Issues of one project, with all that is merged into them; changes nothing but itself."""

    def __init__(self, issues: Iterator[MergedIssue]) -> None:
        self.issues = {issue.id: issue for issue in issues}

    def merge(self, issue_id: int, *, into: int) -> None:
        """Both stand alone."""
        self._move(issue_id, merged_into=into)

    def take_out(self, issue_id: int) -> None:
        """With what was merged into it before."""
        self._move(issue_id, merged_into=None)

    def below(self, issue_id: int) -> Iterator[MergedIssue]:
        """What is merged into the issue itself, and not into others."""
        return (issue for issue in self.issues.values() if issue.merged_into == issue_id)

    def bottom_up(self) -> list[list[int]]:
        """The ids, level by level: no issue comes before one that is merged into it."""
        levels: dict[int, list[int]] = {}
        for issue_id in sorted(self.issues):
            levels.setdefault(len(list(self._above(issue_id))), []).append(issue_id)
        return [levels[depth] for depth in sorted(levels, reverse=True)]

    def _move(self, issue_id: int, *, merged_into: int | None) -> None:
        above = list(self._above(issue_id))
        self.issues[issue_id] = replace(self.issues[issue_id], merged_into=merged_into)
        above += self._above(issue_id)
        for other_id in above:
            self._add_up(other_id)
        self._show(issue_id, above[-1] if merged_into is not None else None)

    def _above(self, issue_id: int) -> Iterator[int]:
        while (parent := self.issues[issue_id].merged_into) is not None:
            yield parent
            issue_id = parent

    def _add_up(self, issue_id: int) -> None:
        issue = self.issues[issue_id]
        total = own = issue.own or issue.total
        below = list(self.below(issue_id))
        for each in below:
            total += each.total
        self.issues[issue_id] = replace(issue, total=total, own=own if below else None)

    def _show(self, issue_id: int, shown_in: int | None) -> None:
        waiting = [issue_id]
        while waiting:
            each = waiting.pop()
            self.issues[each] = replace(self.issues[each], shown_in=shown_in)
            waiting += [below.id for below in self.below(each)]
            shown_in = issue_id if shown_in is None else shown_in
