"""Why the events of an issue are one, as its page tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.grouping.grounds import in_words
from app.services.issues import IssueDetail


@dataclass(frozen=True)
class GroundsWords:
    """`of_issue` is None for the issue itself, else the number of one that is merged into it.

    `words` is None where nothing is known until its next event; `lines` are what to look at: the
    frames, from the top, or the lines of a stack that could not be read.
    """

    of_issue: int | None
    words: str | None
    lines: list[str]
    is_of_older_rules: bool = False


def grounds_in_words(detail: IssueDetail) -> list[GroundsWords]:
    found = []
    for each in detail.grounds:
        of_issue = None if each.issue_id == detail.issue.id else each.issue_id
        if not each.told:
            found.append(GroundsWords(of_issue, None, []))
        newest = max((told["version"] for told in each.told), default=0)
        for told in each.told:
            is_old = told["version"] < newest
            found.append(GroundsWords(of_issue, in_words(told), _lines(told), is_old))
    return found


def _lines(told: Mapping[str, Any]) -> list[str]:
    frames = [
        f"{frame['function'] or '(without a name)'} — {frame['file'] or '(any file)'}"
        for frame in told["frames"]
    ]
    return frames or list(told["lines"])
