"""What was not stored as it was sent: who lost it, what it was, and why.

The reasons are an open list: whatever learns to refuse something adds its own here, and its
sentence for the console. They are stored as words, so a row may have a reason that a newer version
wrote.
"""

import re
from enum import StrEnum

from app.domain.field_limits import LABEL_MAX_CHARS


class LossSource(StrEnum):
    """Who lost it: this service by refusing it, or an SDK that tells of it later."""

    SERVER = "server"
    CLIENT = "client"


class LossKind(StrEnum):
    FEEDBACK = "feedback"
    SESSION = "session"
    EVENT = "event"
    ATTACHMENT = "attachment"
    OTHER = "other"


class LossReason(StrEnum):
    LIMITED = "limited"  # over what a project may send in a minute
    INVALID = "invalid"  # not what the route takes
    CUT_OFF = "cut_off"  # the body ended before its announced length, or could not be read
    TOO_LARGE = "too_large"
    TOO_OLD = "too_old"  # of a session that began too long ago to count
    BUNDLE_MISMATCH = "bundle_mismatch"  # of another app than the one that the project is pinned to
    UNKNOWN_EVENT = "unknown_event"  # feedback about an event that is not there (any more)
    WRONG_ADDRESS = "wrong_address"  # posted where nothing is
    UNSUPPORTED = "unsupported"  # of a kind that is not kept here
    UNSUPPORTED_ENDPOINT = "unsupported_endpoint"  # posted to an address for such a kind
    ATTACHMENTS_OFF = "attachments_off"  # a file beside a report, which alone is kept
    UNAVAILABLE = "unavailable"  # the database failed, or there was no room
    FAILED = "failed"  # a mistake of ours
    OVER_QUOTA = "over_quota"  # past a day's bytes: counted, and kept without its content
    TOO_MANY_NAMES = "too_many_names"  # a day's new releases or environments: counted as `other`

    TOO_MANY_ISSUES = "too_many_issues"  # a day's new issues: counted in the issue `other`


# What was accepted all the same, and lost a part.
KEPT_IN_PART = frozenset(
    (LossReason.OVER_QUOTA, LossReason.TOO_MANY_NAMES, LossReason.TOO_MANY_ISSUES)
)
REASON_MAX_CHARS = 30

# Of Apple's bundle ids and Android's application ids; no address can be written in these signs.
_APP_ID = re.compile(rf"[A-Za-z0-9._-]{{1,{LABEL_MAX_CHARS}}}")
_CARD_DIGITS = re.compile(r"[0-9](?:[._-]?[0-9]){12}")


def tellable_app(app_id: str | None) -> str | None:
    """The app that an event names, where it looks like one and not like anything of a person's."""
    if app_id is None or not _APP_ID.fullmatch(app_id) or _CARD_DIGITS.search(app_id):
        return None
    return app_id
