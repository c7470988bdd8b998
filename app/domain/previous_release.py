"""Which release was the newest one before another (contract section 4.5).

By version where both have one, else by first appearance: so a name without a version has its place
between versions, too, which a sorted list cannot give it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from app.domain.release_order import VersionKey, version_key


@dataclass(frozen=True)
class SeenRelease:
    name: str
    first_seen_at: datetime

    @cached_property
    def version(self) -> VersionKey | None:
        return version_key(self.name)

    def is_before(self, other: "SeenRelease") -> bool:
        if self.version is not None and other.version is not None and self.version != other.version:
            return self.version < other.version
        return self.first_seen_at < other.first_seen_at


def newest_before(release: SeenRelease, others: Iterable[SeenRelease]) -> SeenRelease | None:
    """Of those that are older than the release, the one that no other of them is newer than.

    Where names with and without a version are mixed there may be none such; then it is one of them.
    """
    return newest_of(each for each in others if each.is_before(release))


def newest_of(releases: Iterable[SeenRelease]) -> SeenRelease | None:
    """The one that no other is newer than, as far as there is one; None of nothing."""
    newest = None
    for each in sorted(releases, key=lambda each: each.first_seen_at):
        if newest is None or newest.is_before(each):
            newest = each
    return newest
