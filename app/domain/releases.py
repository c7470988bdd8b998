"""What a release and an environment are called, and which names are those of one version.

A name is free text: only what is surely another way to write the same version is taken for it, so
`1.4.1` is neither `1.4.10` nor `1.4.1-beta` (docs/decisions/0091-one-version-by-several-names.md).
"""

import re
from dataclasses import dataclass, replace

from app.domain.field_limits import LABEL_MAX_CHARS

UNKNOWN_RELEASE = "unknown"
DEFAULT_ENVIRONMENT = "production"
# Of what is past a day's allowance of new names, releases and environments alike.
OTHER = "other"

_V_OF_VERSION = re.compile(r"[vV](?=[0-9])")


@dataclass(frozen=True)
class VersionName:
    """`com.acme.app@v1.4.1+33` in its parts, the `v` taken off; None: the name does not tell it."""

    package: str | None
    number: str
    build: str | None

    def may_be(self, other: "VersionName") -> bool:
        """Whether both are of one version, as far as they tell."""
        return (
            self.number == other.number
            and (None in (self.package, other.package) or self.package == other.package)
            and (None in (self.build, other.build) or self.build == other.build)
        )

    def completed_by(self, other: "VersionName") -> "VersionName":
        """With what another name of the same app tells beside: its build only for this version."""
        build = other.build if self.number == other.number else None
        return replace(self, package=self.package or other.package, build=self.build or build)


def read_version(name: str) -> VersionName:
    """The parts of a release's or a version's name; one that has no such parts is all number."""
    package, _, rest = name.rpartition("@")
    number, _, build = rest.partition("+")
    number = _V_OF_VERSION.sub("", number, count=1) if _V_OF_VERSION.match(number) else number
    # A name that was cut may end in the middle of its version.
    if not number or len(name) >= LABEL_MAX_CHARS:
        return VersionName(None, name, None)
    return VersionName(package or None, number, build or None)


def names_version(release: str, version: str) -> bool:
    """Whether a release is one of this version: `1.4.2`, or `com.acme.app@1.4.2+7`."""
    return read_version(release).may_be(read_version(version))
