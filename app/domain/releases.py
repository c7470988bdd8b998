"""What a release and an environment are called when an SDK does not say."""

UNKNOWN_RELEASE = "unknown"
DEFAULT_ENVIRONMENT = "production"


def names_version(release: str, version: str) -> bool:
    """Whether a release is one of this version: `1.4.2`, or `com.acme.app@1.4.2+7`."""
    return version in (release, release.rpartition("@")[2].partition("+")[0])
