"""Why an SDK lost something on a device, and what to do; the reasons are the SDKs' own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class ClientWords:
    why: str
    advice: str


_CHOSEN = "That is what the app asks for; change it there if it is more than you meant."
_FULL = ClientWords(
    "the SDK had no room for more",
    "A device that is offline for long, or an app that reports in a loop, fills what the SDK keeps:"
    " look at the issues that come most.",
)
_REFUSED = ClientWords(
    "this service could not be reached, or refused it",
    "Look whether a proxy in front lets large and long requests through, and at what was refused"
    " here on the same days.",
)
CLIENT_WORDS: Mapping[str, ClientWords] = MappingProxyType(
    {
        "sample_rate": ClientWords("the app sends only a sample", _CHOSEN),
        "before_send": ClientWords("the app's beforeSend dropped it", _CHOSEN),
        "event_processor": ClientWords("a filter in the app dropped it", _CHOSEN),
        "ignored": ClientWords("the app ignores this kind", _CHOSEN),
        "ratelimit_backoff": ClientWords(
            "the SDK waited after a limit",
            "The project sent more than it may in a minute: look for a loop in the app.",
        ),
        "network_error": _REFUSED,
        "send_error": _REFUSED,
        "queue_overflow": _FULL,
        "cache_overflow": _FULL,
        "buffer_overflow": _FULL,
        "backpressure": _FULL,
    }
)
