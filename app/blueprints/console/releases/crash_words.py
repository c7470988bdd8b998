"""Why a crash has no other side, in plain sentences, and what to do about each."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.blueprints.console.releases.rate_words import counted
from app.domain.crashes import NEAR, NoEvent, NoSession, TiedBy
from app.extensions import settings
from app.services.releases.crashes import Part, Reconciled

NEAR_MINUTES = NEAR.seconds // 60

TIED = {TiedBy.ID: "tied by the session's id", TiedBy.USER: "tied by user and time"}
# In the order of the tabs.
PARTS = {
    None: "All",
    Part.TIED: "Tied",
    Part.NO_EVENT: "No event",
    Part.NO_SESSION: "No session",
}


@dataclass(frozen=True)
class ReasonWords:
    """`count` crashes for this reason; `why` goes on after how many they are."""

    count: int
    short: str
    why: str
    advice: str
    page: str | None = None
    page_name: str = ""


def no_event_words(found: Reconciled) -> list[ReasonWords]:
    return [_words(_NO_EVENT[reason], count) for reason, count in found.no_event]


def no_session_words(found: Reconciled) -> list[ReasonWords]:
    return [_words(_NO_SESSION[reason], count) for reason, count in found.no_session]


def short_reason(reason: NoEvent | NoSession) -> str:
    said = _NO_EVENT[reason] if isinstance(reason, NoEvent) else _NO_SESSION[reason]
    return said.short


def summary(found: Reconciled) -> str:
    if not found.ties:
        return "Nothing of this release crashed on this day, as far as anybody told."
    sessions = counted(found.sessions_crashed, "session")
    events = counted(found.fatal_events, "fatal event")
    told = f"{sessions} crashed, and {events} came."
    if found.tied == found.sessions_crashed == found.fatal_events:
        return f"{told} Each session has its event."
    have = "has its event" if found.tied == 1 else "have their events"
    return f"{told} {counted(found.tied, 'session')} {have}."


@dataclass(frozen=True)
class _Said:
    short: str
    why: str
    advice: str
    page: str | None = None
    page_name: str = ""


def _words(said: _Said, count: int) -> ReasonWords:
    days = {"event_days": settings().event_retention_days}
    days |= {"session_days": settings().session_retention_days}
    advice = said.advice.format(**days)
    return ReasonWords(count, said.short, said.why, advice, said.page, said.page_name)


_LOSSES = ("console.read_inbox", "What was refused stands on top of the inbox")

_NO_EVENT: Mapping[NoEvent, _Said] = {
    NoEvent.NO_USER: _Said(
        "no user",
        "The session names no user, so no event can be found.",
        "Give the SDK a user (userIdAnon) when it starts: one that is set later stands in events,"
        " and not in the session that has begun. Or put the session's id, which the SDK tells, into"
        " a tag of events called session_id.",
    ),
    NoEvent.ERASED: _Said(
        "its user was erased",
        "The session's user was erased: their events are gone, and the session leads to nobody.",
        "There is nothing to do: the session goes on to count.",
    ),
    NoEvent.SHARED: _Said(
        "its event has another session",
        "The event of this user and time is tied to another session of theirs.",
        "Two windows or devices of one user that crash together look so, and an app that starts the"
        " SDK twice. If it is many, look whether the SDK is started in two places.",
    ),
    NoEvent.EVENTS_GONE: _Said(
        "events this old are deleted",
        "Events of that time may be deleted by age.",
        "Events are kept for {event_days} days, sessions for {session_days}. Whoever runs this"
        " service can change EVENT_RETENTION_DAYS.",
    ),
    NoEvent.OTHER_TIME: _Said(
        "events of its user at other times",
        f"Fatal events of this user came on that day, but none within {NEAR_MINUTES} minutes.",
        "The event of this crash was lost, or came late from a phone without network.",
        *_LOSSES,
    ),
    NoEvent.NONE_OF_USER: _Said(
        "no event of its user",
        "No fatal event of this user came on that day.",
        "The app was gone before the event was sent, beforeSend or the SDK's limit a second held it"
        " back, or it was refused while sessions are taken: of another app than the one that the"
        " project is pinned to, or too large. An event that names another user than the session"
        " does (setUser) is not found either.",
        *_LOSSES,
    ),
}

_NO_SESSION: Mapping[NoSession, _Said] = {
    NoSession.NO_CONTENT: _Said(
        "kept without content",
        "The event was kept without its content, so nobody knows whose it is.",
        "The day's bytes of events were used up: send less with each event, or have whoever runs"
        " this service raise EVENT_BYTES_PER_DAY.",
    ),
    NoSession.NO_USER: _Said(
        "no user",
        "The event names neither a user nor a session.",
        "Give the SDK a user (userIdAnon) when it starts, or put the session's id, which the SDK"
        " tells, into a tag called session_id.",
    ),
    NoSession.HIDDEN_USER: _Said(
        "its user's id is taken out",
        "The user's id is an address, a number or a token, which is taken out of events.",
        "Use an id that tells nothing of the person, such as a random UUID for each installation."
        " The SDK for React Native takes out all numbers of 8 digits and more (scrubPii).",
    ),
    NoSession.TOLD_TWICE: _Said(
        "its session has another event",
        "The session has another event already.",
        "A crash is often told twice: as it happens, and by the phone's system at the next launch"
        " (native). It counts as one crashed session; there is nothing to do.",
    ),
    NoSession.NOT_CRASHED: _Said(
        "its session did not become crashed",
        "The event names a session that is there, and did not become crashed.",
        "The second report of the session was lost or refused, or the event was captured by hand.",
        *_LOSSES,
    ),
    NoSession.ELSEWHERE: _Said(
        "its session crashed elsewhere",
        "The event names a session that crashed on another day, or in another release.",
        "Look whether the app tells the same release to events and to sessions.",
    ),
    NoSession.HANDLED: _Said(
        "captured by hand",
        "The event was captured by hand with the level “fatal”: SDKs leave the session as it is.",
        "Use the level “error” for what the app goes on after.",
    ),
    NoSession.SESSIONS_GONE: _Said(
        "sessions this old are deleted",
        "Sessions of that time are deleted by age.",
        "Sessions are kept for {session_days} days. Whoever runs this service can change"
        " SESSION_RETENTION_DAYS.",
    ),
    NoSession.OTHER_TIME: _Said(
        "sessions of its user at other times",
        "Sessions of this user crashed on that day, but none was marked so within"
        f" {NEAR_MINUTES} minutes.",
        "A loop that fails again and again tells of each time, and the session crashes only once;"
        " or the report of the session came late.",
    ),
    NoSession.NONE_OF_USER: _Said(
        "no crashed session of its user",
        "No session of this user crashed on that day.",
        "The report of the session was lost or refused, the SDK sends no sessions (the one for PHP"
        " does not; releaseHealth switches them off), the session began before the user was known"
        " (setUser), or the release is told in another way.",
        *_LOSSES,
    ),
}
