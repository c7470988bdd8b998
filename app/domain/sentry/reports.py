"""All that one request tells, in our own terms: what to store, and what was lost."""

from dataclasses import dataclass, field
from typing import Any

from app.domain.losses import LossReason
from app.domain.received_event import ReceivedEvent
from app.domain.scrubber import scrub
from app.domain.sentry.aggregates import ReceivedAggregates
from app.domain.sentry.attachments import FileKind
from app.domain.sentry.categories import ATTACHMENT
from app.domain.sentry.client_reports import Discarded
from app.domain.sentry.envelope import Item
from app.domain.sentry.feedback import ReceivedFeedback
from app.domain.sentry.sessions import ReceivedSession

# An envelope may have a thousand.
_NOTED_AT_MOST = 20


@dataclass(frozen=True)
class IdentifiedEvent:
    sentry_id: bytes
    event: ReceivedEvent


@dataclass(frozen=True)
class IdentifiedFeedback:
    """`sentry_id` is its own; a user report has none."""

    sentry_id: bytes | None
    feedback: ReceivedFeedback


@dataclass(frozen=True)
class ReceivedAttachment:
    """A file that may be kept; its bytes are `Envelope.payload(item)`. `size` in bytes."""

    item: Item
    name: str
    kind: FileKind
    size: int


@dataclass(frozen=True)
class AttachmentNotKept:
    """To be told with the feedback that it came with."""

    name: str
    size: int
    reason: LossReason


@dataclass(frozen=True)
class Lost:
    """`quantity` in bytes for attachments, as SDKs count them."""

    category: str
    reason: LossReason
    quantity: int = 1


@dataclass
class Reports:
    """`sentry_id` is what the request is answered with; `release` what the envelope names."""

    sentry_id: bytes | None = None
    release: str | None = None
    events: list[IdentifiedEvent] = field(default_factory=list)
    feedback: list[IdentifiedFeedback] = field(default_factory=list)
    sessions: list[ReceivedSession] = field(default_factory=list)
    aggregates: list[ReceivedAggregates] = field(default_factory=list)
    discarded: list[Discarded] = field(default_factory=list)
    attachments: list[ReceivedAttachment] = field(default_factory=list)
    attachments_not_kept: list[AttachmentNotKept] = field(default_factory=list)
    losses: list[Lost] = field(default_factory=list)
    # What to say of items that cannot be read.
    causes: list[str] = field(default_factory=list)
    # Whether the answer is a 400: feedback was invalid, which a person should be told, or all was.
    is_invalid: bool = False

    @property
    def notes(self) -> dict[str, Any]:
        """What the feedback of a request tells of the files that are not kept."""
        if not self.attachments_not_kept:
            return {}
        told = [
            {"name": scrub(each.name), "size": each.size, "reason": each.reason.value}
            for each in self.attachments_not_kept[:_NOTED_AT_MOST]
        ]
        return {"attachments_not_kept": told}

    def leave_attachments(self) -> None:
        """Keep none of them: each is lost, and noted."""
        for each in self.attachments:
            reason = LossReason.ATTACHMENTS_OFF
            self.losses.append(Lost(ATTACHMENT, reason, each.size))
            self.attachments_not_kept.append(AttachmentNotKept(each.name, each.size, reason))
        self.attachments.clear()

    @property
    def limited(self) -> list[str]:
        """The categories of which something was past what may be sent; each once."""
        limited = (lost.category for lost in self.losses if lost.reason is LossReason.LIMITED)
        return list(dict.fromkeys(limited))

    @property
    def has_unsupported(self) -> bool:
        """Of a kind that SDKs may be asked not to send."""
        return any(
            lost.reason is LossReason.UNSUPPORTED and lost.category != ATTACHMENT
            for lost in self.losses
        )
