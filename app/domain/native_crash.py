"""A crash of the app's native side, which an SDK can tell only at the next launch (section 3.3).

So its event speaks of two versions: `release` is the one that runs now and reports it,
`app_version` the one that crashed, to which all of it belongs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.domain.field_limits import LABEL_MAX_CHARS
from app.domain.releases import UNKNOWN_RELEASE, VersionName, names_version, read_version
from app.domain.text import bare, bare_name, storable
from app.domain.user_key import session_user_key

# What claims to have crashed before comes from a phone whose clock was not set.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_CRASHED_AT_TAG = "native.crashed_at"


@dataclass(frozen=True, kw_only=True)
class NativeCrash:
    """`crashed_at` is by the phone's clock; None when it told none that can be."""

    version: str
    reported_by: str | None = None
    environment: str | None = None  # None: the event named none
    user_key: bytes | None = None
    crashed_at: datetime | None = None

    @property
    def is_of_running_version(self) -> bool:
        return self.reported_by is None or names_version(self.reported_by, self.version)

    @property
    def release(self) -> str:
        """What the release that crashed is called, as far as the event tells."""
        if self.reported_by is not None and self.is_of_running_version:
            return self.reported_by
        return self.version

    @property
    def crashed(self) -> VersionName:
        """The version that crashed; its package is that of the app which reports it."""
        told = read_version(self.version)
        if self.reported_by is None:
            return told
        # The build that runs now may be another one of the same version.
        return replace(told.completed_by(read_version(self.reported_by)), build=told.build)

    def happened_in(self, release: str, app_version: str | None) -> bool:
        """Whether a session that is named so is one of the version that crashed.

        Its `app_version` tells, and without one its release. A release that is called as the
        version is called counts in any case: some apps send a build number as their version.
        """
        of_release = read_version(release)
        if app_version is None or release == self.version:
            return self.crashed.may_be(of_release)
        told = read_version(app_version)
        if told.number == of_release.number:
            told = told.completed_by(of_release)
        return self.crashed.may_be(told)


def is_native_crash(mechanism: object) -> bool:
    return isinstance(mechanism, Mapping) and mechanism.get("type") == "native"


def native_crash(
    *,
    release: str | None,
    app_version: str | None,
    environment: str | None,
    user_id: str | None,
    tags: object,
) -> NativeCrash:
    """From the fields of an event, which are cut here as those of a session are."""
    release = _label(release)
    return NativeCrash(
        version=_label(app_version) or release or UNKNOWN_RELEASE,
        reported_by=release,
        environment=_label(environment),
        user_key=session_user_key(_label(user_id)),
        crashed_at=_crash_time(tags),
    )


def _label(text: str | None) -> str | None:
    return bare_name(storable(bare_name(text)[:LABEL_MAX_CHARS])) or None if text else None


def _crash_time(tags: object) -> datetime | None:
    """Epoch milliseconds, as a number or as text, or ISO 8601, in UTC when it has no offset."""
    told = tags.get(_CRASHED_AT_TAG) if isinstance(tags, Mapping) else None
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        return None
    try:
        moment = _epoch_or_iso(told)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment >= _EARLIEST else None


def _epoch_or_iso(told: str | float) -> datetime:
    text = told if not isinstance(told, str) else bare(told)
    try:
        milliseconds = float(text)
    except ValueError:
        moment = datetime.fromisoformat(str(text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
