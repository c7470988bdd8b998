"""What to say of losses, and what to do about each: plain sentences, for who owns the app.

A reason that has no words here is told by its name: a newer version, or an SDK, counted it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.blueprints.console.projects.client_loss_words import CLIENT_WORDS, ClientWords
from app.domain import byte_sizes
from app.domain.losses import LossKind, LossReason, LossSource
from app.extensions import settings
from app.limits.allowances import EVENTS_A_MINUTE, FEEDBACK_A_MINUTE, SESSIONS_A_MINUTE
from app.services.losses.report import LossSum
from app.services.pages.lost_lately import LostLately

# One and many of each kind.
_NOUNS: Mapping[str, tuple[str, str]] = {
    LossKind.FEEDBACK: ("piece of feedback", "pieces of feedback"),
    LossKind.SESSION: ("session report", "session reports"),
    LossKind.EVENT: ("event", "events"),
}
_OTHER = ("other item", "other items")
_A_MINUTE: Mapping[str, int] = {
    LossKind.FEEDBACK: FEEDBACK_A_MINUTE,
    LossKind.SESSION: SESSIONS_A_MINUTE,
    LossKind.EVENT: EVENTS_A_MINUTE,
}


@dataclass(frozen=True)
class LossWords:
    """What was lost, and what to do; `page` is the endpoint where that is done, if there is one."""

    what: str
    advice: str
    page: str | None = None
    page_name: str = ""


@dataclass(frozen=True)
class _Lost:
    """`much` says how much of what, such as "214 events"."""

    much: str
    is_one: bool
    sum: LossSum
    pinned_app: str | None

    @property
    def were(self) -> str:
        return "was" if self.is_one else "were"

    @property
    def they(self) -> str:
        return "it" if self.is_one else "they"


def words_for(lost: LostLately) -> list[LossWords]:
    """In the order of the sums: the most first."""
    return [_said(_lost(each, lost.pinned_app)) for each in lost.sums]


def _lost(each: LossSum, pinned_app: str | None) -> _Lost:
    is_one = each.count == 1
    if each.kind == LossKind.ATTACHMENT:  # counted in bytes, as SDKs count them
        size = byte_sizes.in_words(each.count)
        return _Lost(f"{size} of attached files", is_one, each, pinned_app)
    one, many = _NOUNS.get(each.kind, _OTHER)
    return _Lost(f"{each.count:,} {one if is_one else many}", is_one, each, pinned_app)


def _said(lost: _Lost) -> LossWords:
    if lost.sum.source == LossSource.CLIENT:
        return _on_device(lost)
    if say := _SAY.get(lost.sum.reason):
        return say(lost)
    return LossWords(f"{lost.much} {lost.were} lost: {lost.sum.reason}.", "")


def _on_device(lost: _Lost) -> LossWords:
    told = CLIENT_WORDS.get(lost.sum.reason)
    if told is None:
        reason = lost.sum.reason
        told = ClientWords(reason, "Its options say how much the SDK keeps and how long.")
    return LossWords(f"Lost on devices: {lost.much} ({told.why}).", told.advice)


def _limited(lost: _Lost) -> LossWords:
    limit = _A_MINUTE.get(lost.sum.kind)
    most = f" of {limit:,} a minute" if limit else ""
    return LossWords(
        f"{lost.much} {lost.were} over the limit{most}.",
        "So many at once come from a loop in the app, or from a stranger who has its token: a new"
        " token shuts the stranger out, and the apps that have the old one.",
        "console.list_tokens",
        "Tokens",
    )


def _invalid(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} {lost.were} refused, because a field was missing or wrong.",
        "The answer (422) names the field; curl shows it.",
        "console.read_start",
        "How to send it",
    )


def _cut_off(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} broke off before all of {'it' if lost.is_one else 'them'} had come.",
        "Connections of phones do that; where it is much, look whether a proxy in front has a"
        " shorter timeout or a smaller limit.",
    )


def _too_large(lost: _Lost) -> LossWords:
    if lost.sum.kind == LossKind.ATTACHMENT:
        return LossWords(
            f"{lost.much} {lost.were} not kept: a file was too large, or there were too many.",
            "What came with them is kept. Let the app send smaller pictures, or fewer.",
        )
    is_event = lost.sum.kind == LossKind.EVENT
    most = settings().max_event_body_bytes if is_event else settings().max_body_bytes
    name = "MAX_EVENT_BODY_BYTES" if is_event else "MAX_BODY_BYTES"
    return LossWords(
        f"{lost.much} {lost.were} refused, because {lost.they} had more than {most:,} bytes.",
        f"Send less with each, or have whoever runs this service raise {name}.",
    )


def _too_old(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} {lost.were} not counted, because {lost.they} had begun too long ago.",
        "Devices that were offline for a month send what no release is judged by any more.",
    )


def _bundle_mismatch(lost: _Lost) -> LossWords:
    name = "names" if lost.is_one else "name"
    named = lost.sum.named_app
    told = (
        f"{lost.they} {name} the app {named}"
        if named
        else f"{lost.they} {name} another app, or none"
    )
    much = f"{lost.much} {lost.were} refused"
    if lost.pinned_app is None or lost.pinned_app == named:
        return LossWords(
            f"{much}: {told}, and this project was pinned to another one.",
            (
                "That was changed since: events of that app are taken now."
                if named
                else "That was changed since: events of all apps are taken now."
            ),
            "console.read_settings",
            "Settings",
        )
    return LossWords(
        f"{much}: {told}, this project is pinned to {lost.pinned_app}.",
        "If that app is yours, change the bundle id, or take the events of all apps.",
        "console.read_settings",
        "Settings",
    )


def _unknown_event(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} {lost.were} about an event that is not there.",
        "It was deleted, is older than events are kept, or its id was made up: the app should send"
        " the event_id that /ingest answered.",
        "console.list_issues",
        "Issues",
    )


def _wrong_address(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} {lost.were} posted to an address that is not there.",
        "Somebody mistyped it, or left out the id of an event: set the SDK's endpoint as the next"
        " page shows it, and compare what your app posts to.",
        "console.read_start",
        "How to send it",
    )


def _unsupported(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} {lost.were} of a kind that is not kept here.", "Switch it off in the SDK."
    )


def _attachments_off(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} came with reports and were not kept.",
        "What came with them is kept; the feedback names the files.",
    )


def _unavailable(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} came while the database took nothing, or too many large ones came at once.",
        "Whoever runs this service finds the cause with `pionne-feedback doctor`, and in the log.",
    )


def _failed(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} met a mistake of this service.",
        "Its log tells where; please report it.",
    )


def _over_quota(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} {lost.were} counted, and kept without content: the day's bytes were used up.",
        "Send less with each event, or have whoever runs this service raise EVENT_BYTES_PER_DAY.",
        "console.list_issues",
        "Issues",
    )


def _too_many_names(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} {lost.were} counted under “other”: too many new releases or environments came"
        " in a day.",
        "Names that hold a time or a random number make each build, or each start, a new release."
        " Where the names are a stranger's, name your own release, which is then counted by its"
        " name, or replace the token.",
        "console.read_settings",
        "Settings",
    )


def _too_many_issues(lost: _Lost) -> LossWords:
    return LossWords(
        f"{lost.much} {lost.were} counted in the issue “other”: too many new issues came in a day.",
        "Events that differ in their type, or in the names of functions, become an issue each.",
        "console.list_issues",
        "Issues",
    )


_SAY: Mapping[str, Callable[[_Lost], LossWords]] = {
    LossReason.LIMITED: _limited,
    LossReason.INVALID: _invalid,
    LossReason.CUT_OFF: _cut_off,
    LossReason.TOO_LARGE: _too_large,
    LossReason.TOO_OLD: _too_old,
    LossReason.UNSUPPORTED_ENDPOINT: _unsupported,
    LossReason.ATTACHMENTS_OFF: _attachments_off,
    LossReason.BUNDLE_MISMATCH: _bundle_mismatch,
    LossReason.UNKNOWN_EVENT: _unknown_event,
    LossReason.WRONG_ADDRESS: _wrong_address,
    LossReason.UNSUPPORTED: _unsupported,
    LossReason.UNAVAILABLE: _unavailable,
    LossReason.FAILED: _failed,
    LossReason.OVER_QUOTA: _over_quota,
    LossReason.TOO_MANY_NAMES: _too_many_names,
    LossReason.TOO_MANY_ISSUES: _too_many_issues,
}
