"""What kinds of reports are called in limits and losses, as SDKs know them."""

from collections.abc import Mapping
from types import MappingProxyType

ERROR, FEEDBACK, SESSION, ATTACHMENT = "error", "feedback", "session", "attachment"
# Of what is not known here at all.
DEFAULT = "default"

_OF_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "event": ERROR,
        "feedback": FEEDBACK,
        "user_report": FEEDBACK,
        "session": SESSION,
        "sessions": SESSION,
        "attachment": ATTACHMENT,
        "transaction": "transaction",
        "span": "span",
        "profile": "profile",
        "profile_chunk": "profile_chunk",
        "replay_event": "replay",
        "replay_recording": "replay",
        "replay_video": "replay",
        "check_in": "monitor",
        "log": "log_item",
        "otel_log": "log_item",
        "trace_metric": "trace_metric",
        "statsd": "metric_bucket",
        "metric_buckets": "metric_bucket",
        "metric_meta": "metric_bucket",
        "client_report": "client_report",
        "security": "security",
    }
)
# What no SDK needs to send here, by the names that turn it off; those of what is kept are not here.
UNSUPPORTED = (
    "transaction",
    "span",
    "profile",
    "profile_chunk",
    "profile_chunk_ui",
    "replay",
    "monitor",
    "log_item",
    "log_byte",
    "trace_metric",
    "trace_metric_byte",
    "metric_bucket",
)


def category_of(item_type: str) -> str:
    """Of an item by its type."""
    return _OF_TYPE.get(item_type, DEFAULT)
