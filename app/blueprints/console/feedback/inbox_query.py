"""What the address of an inbox asks for: a tab, and how it is narrowed.

A value that cannot be meant is left out, and the page says so: an address that was cut still shows
an inbox.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from app.domain.feedback_status import FeedbackStatus
from app.domain.field_limits import APP_VERSION_MAX_CHARS, MAX_ID
from app.domain.search_text import words_of
from app.services.feedback.inbox import Narrowing
from app.web.incoming import query_values
from app.web.schemas import QueryInteger, WireChoice, WireName, WireSchema, WireText

ALL = "all"
# Each of a page's links has it, encoded: nine bytes for a letter of three.
SEARCH_MAX_CHARS = 100
_ZONE_MAX_CHARS = 60
_CHECKED = "1"
_ROW_MAX_CHARS = 250
# What is asked for, in words for people.
_NAMES = {
    "tab": "the tab",
    "q": f"the search, which may have {SEARCH_MAX_CHARS} characters",
    "version": f"the version, which may have {APP_VERSION_MAX_CHARS} characters",
    "email": "whether it has an e-mail",
    "event": "whether it has an event",
    "since": "the first day",
    "until": "the last day",
    "zone": "the time zone",
    "issue": "the issue",
    "before": "the place in the list",
}


class QueryDay(WireText):
    """A day as browsers send it: `2026-05-07`."""

    default_error_messages = {"day": "The {name} must be a day such as 2026-05-07."}

    def __init__(self) -> None:
        super().__init__(max_chars=len("2026-05-07"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.make_error("day") from None


class InboxQuerySchema(WireSchema):
    tab = WireChoice((*FeedbackStatus, ALL), load_default=FeedbackStatus.OPEN.value)
    q = WireText(max_chars=SEARCH_MAX_CHARS)
    version = WireName(max_chars=APP_VERSION_MAX_CHARS)
    email = WireChoice((_CHECKED,))
    event = WireChoice((_CHECKED,))
    since = QueryDay()
    until = QueryDay()
    zone = WireText(max_chars=_ZONE_MAX_CHARS)
    issue = QueryInteger(lowest=1, highest=MAX_ID)
    before = QueryInteger(lowest=1, highest=MAX_ID)


@dataclass(frozen=True, kw_only=True)
class InboxQuery:
    """`since` and `until` are days of `zone`, both part of what is asked for; `left_out` is what
    could not be read, in words."""

    tab: str = FeedbackStatus.OPEN.value
    q: str | None = None
    version: str | None = None
    email: str | None = None
    event: str | None = None
    since: date | None = None
    until: date | None = None
    zone: str | None = None
    issue: int | None = None
    before: int | None = None
    left_out: tuple[str, ...] = ()

    @property
    def status(self) -> FeedbackStatus | None:
        return None if self.tab == ALL else FeedbackStatus(self.tab)

    @property
    def narrowing(self) -> Narrowing:
        zone = _zone(self.zone)
        return Narrowing(
            words=words_of(self.q or ""),
            version=self.version,
            has_email=self.email is not None,
            has_event=self.event is not None,
            since=_midnight(self.since, zone),
            until=_midnight(self.until, zone, days_later=1),
            issue_id=self.issue,
        )

    @property
    def is_narrowed(self) -> bool:
        return self.narrowing != Narrowing()

    @property
    def zone_name(self) -> str:
        """Whose days `since` and `until` are, for people."""
        return str(_zone(self.zone))

    @property
    def brief_values(self) -> dict[str, Any]:
        """For the address of each row: a long search is left out of these, and with it from what
        the row's page takes for its neighbours."""
        values = self.values()
        return values if len(urlencode(values)) <= _ROW_MAX_CHARS else self.values(q=None)

    def values(self, **changes: object) -> dict[str, Any]:
        """For an address that asks for the same, but for the changes; None takes a value out."""
        asked = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("before", "left_out")
        }
        if self.tab == FeedbackStatus.OPEN:
            asked["tab"] = None
        if self.since is None and self.until is None:
            asked["zone"] = None
        return {name: value for name, value in {**asked, **changes}.items() if value is not None}


_schema = InboxQuerySchema()


def inbox_query() -> InboxQuery:
    values = query_values()
    try:
        return InboxQuery(**_schema.load(values))
    except ValidationError as error:
        wrong = error.messages if isinstance(error.messages, dict) else values
        asked = _schema.load({name: value for name, value in values.items() if name not in wrong})
        left_out = (words for name, words in _NAMES.items() if name in wrong)
        return InboxQuery(**asked, left_out=tuple(left_out))


def _zone(name: str | None) -> tzinfo:
    """UTC without scripts, and where this machine does not know the zone."""
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, ValueError, OSError):  # unknown, not a name, a folder of names
        return UTC


def _midnight(day: date | None, zone: tzinfo, *, days_later: int = 0) -> datetime | None:
    """The moment a day begins; the last day that there is has no next one."""
    if day is None:
        return None
    try:
        return datetime.combine(day + timedelta(days=days_later), time(), zone).astimezone(UTC)
    except OverflowError:
        return None
