"""What a release and an environment are called when an SDK does not say."""

UNKNOWN_RELEASE = "unknown"
DEFAULT_ENVIRONMENT = "production"
