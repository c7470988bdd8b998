"""What an API token may do; a login's token has none of these, and may do everything."""

from enum import StrEnum


class TokenAccess(StrEnum):
    READ = "read"
    WRITE = "write"
