"""What is measured: the requests of each rung, as SDKs and the console send them.

Every body is a new one, or the service would answer duplicates, which cost it less: clients put
running numbers in the place of the markers (`bench.ladder.plan`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.ladder.plan import DIGITS, NUMBER, PERSON, PROJECT, TOKEN, UUID, Plan
from bench.population import ENVIRONMENT, Population

BARE_WSGI = "bare WSGI answer"
ECHO = "bare Flask JSON echo"
FEEDBACK = "`POST /feedback`"
SESSIONS = "`POST /sessions`"
INGEST = "`POST /ingest`"
NEW_ISSUES = "`POST /ingest` of a new issue"
# The same in the Sentry dialect, each in an envelope.
EVENT_ENVELOPE = "envelope with an event"
FEEDBACK_ENVELOPE = "envelope with feedback"
SESSION_ENVELOPE = "envelope with a session"
AGGREGATE = "envelope with 100 buckets"
LIST = "list of 100"
HEALTH = "release health"
# Which yardstick is which application of `bench.ladder.yardsticks`.
YARDSTICKS = {BARE_WSGI: "bare_wsgi", ECHO: "echo"}
_ENVELOPES = (EVENT_ENVELOPE, FEEDBACK_ENVELOPE, SESSION_ENVELOPE, AGGREGATE)
NAMES = (*YARDSTICKS, FEEDBACK, SESSIONS, INGEST, NEW_ISSUES, *_ENVELOPES, LIST, HEALTH)

RELEASE = "1.4.2"

_JSON = ("Content-Type", "application/json")
_FEEDBACK_BODY = {
    "message": f"The Pay button stays grayed out after I change the address, try {NUMBER}",
    "name": "Alice",
    "email": "alice@example.com",
    "url": "https://app.example.com/checkout?step=3",
    "app_version": RELEASE,
}
_SESSION_BODY = {
    "session_id": UUID,
    "status": "ok",
    "release": RELEASE,
    "environment": ENVIRONMENT,
    "os_name": "Android",
    "user_id_anon": PERSON,
}
# More than there are connections, in rounds.
_APART = 100
# How many bugs a project has, and how long the stack of each is.
_BUGS = 20
_FRAMES = 20
_BREADCRUMBS = 10
_BUCKETS = 100
# Each may send 600 events a minute.
_PROJECTS_WITH_ISSUES = 200


@dataclass(frozen=True)
class Rung:
    """Requests of one kind: the bodies in turn, all of them for one project, then for the next."""

    name: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    bodies: tuple[str, ...] = ("",)
    rounds_apart: int = 0
    # So many projects take turns at most, and each body is sent once for each of them before
    # anything is measured: so that it is about what is known. 0: all, and nothing is sent before.
    known_by: int = 0
    first_project_id: int = 0

    def requests_before(self, projects: int) -> int:
        """Of so many, as few as take turns."""
        return min(self.known_by, projects) * len(self.bodies)

    def plan(
        self,
        *,
        tokens: list[str],
        first: int,
        port: int = 0,
        connections: int = 1,
        seconds: float = 0,
        requests: int = 0,
    ) -> Plan:
        """For so many seconds, or so many requests."""
        return Plan(
            port=port,
            method=self.method,
            path=self.path,
            headers=dict(self.headers),
            bodies=self.bodies,
            tokens=tokens[: self.known_by or None],
            first_project_id=self.first_project_id,
            first=first,
            connections=connections,
            seconds=seconds,
            requests=requests,
            rounds_apart=self.rounds_apart,
        )


def yardsticks() -> list[Rung]:
    body = json.dumps(_FEEDBACK_BODY)
    return [
        Rung(BARE_WSGI, "POST", "/", (_JSON,), (body,)),
        Rung(ECHO, "POST", "/echo", (_JSON,), (body,)),
    ]


def of_service(population: Population) -> list[Rung]:
    public = (_JSON, ("X-Pionne-Token", TOKEN))
    account = (("Authorization", f"Bearer {population.user_token}"),)
    project = f"/api/projects/{population.large_project_id}"
    # Each session is opened and ended, not by two connections at the same moment.
    sessions = (_SESSION_BODY, _SESSION_BODY | {"status": "exited", "duration_ms": 61_000})
    events = tuple(_event_body(bug) for bug in range(_BUGS))
    return [
        Rung(FEEDBACK, "POST", "/feedback", public, (json.dumps(_FEEDBACK_BODY),)),
        Rung(SESSIONS, "POST", "/sessions", public, tuple(map(json.dumps, sessions)), _APART),
        Rung(
            INGEST,
            "POST",
            "/ingest",
            public,
            tuple(map(json.dumps, events)),
            known_by=_PROJECTS_WITH_ISSUES,
        ),
        # Each of a bug that its project had never seen.
        Rung(NEW_ISSUES, "POST", "/ingest", public, (json.dumps(_event_body(NUMBER)),)),
        *_of_sentry(population.large_project_id),
        Rung(LIST, "GET", f"{project}/feedback", account),
        Rung(HEALTH, "GET", f"{project}/release-health", account),
    ]


def _event_body(bug: int | str) -> dict[str, object]:
    stack = [f"at step{bug}_{frame} (main.jsbundle:1:{frame * 37})" for frame in range(_FRAMES)]
    return {
        "exception_type": "TypeError",
        "message": f"total is undefined in order {NUMBER}",
        "release": RELEASE,
        "platform": "javascript",
        "app_id": "com.acme.app",
        "app_version": RELEASE,
        "os_name": "Android",
        "user_id_anon": PERSON,
        "stack": stack,
        "tags": {"screen": "checkout", "plan": "pro"},
        "contexts": {"cart": {"items": 3, "total": "41.50"}},
        "breadcrumbs": [
            {"category": "tap", "message": f"button {tap}", "timestamp": 1_760_000_000 + tap}
            for tap in range(_BREADCRUMBS)
        ],
    }


def _of_sentry(first_project_id: int) -> Iterable[Rung]:
    """As stock SDKs send them; one session or event of an id is counted once."""
    now = datetime.now(UTC)
    attributes = {"release": RELEASE, "environment": ENVIRONMENT}
    session = {
        "sid": UUID,
        "did": PERSON,
        "init": True,
        "status": "ok",
        "started": now.isoformat(),
        "timestamp": now.isoformat(),
        "attrs": attributes,
    }
    feedback = {
        "message": _FEEDBACK_BODY["message"],
        "name": _FEEDBACK_BODY["name"],
        "contact_email": _FEEDBACK_BODY["email"],
        "url": _FEEDBACK_BODY["url"],
    }
    buckets = [
        {"started": (now - timedelta(minutes=number)).isoformat(), "exited": 3, "errored": 1}
        for number in range(_BUCKETS)
    ]
    bodies = {
        EVENT_ENVELOPE: [_envelope("event", _sentry_event(bug), bug) for bug in range(_BUGS)],
        FEEDBACK_ENVELOPE: [
            _envelope("feedback", {"contexts": {"feedback": feedback}, "release": RELEASE})
        ],
        SESSION_ENVELOPE: [
            _envelope("session", session),
            _envelope("session", session | {"init": False, "status": "exited", "duration": 61}),
        ],
        AGGREGATE: [_envelope("sessions", {"aggregates": buckets, "attrs": attributes})],
    }
    known_by = {EVENT_ENVELOPE: _PROJECTS_WITH_ISSUES}
    for name in _ENVELOPES:
        yield Rung(
            name,
            "POST",
            f"/api/{PROJECT}/envelope/",
            (
                ("Content-Type", "application/x-sentry-envelope"),
                ("X-Sentry-Auth", f"Sentry sentry_key={TOKEN}, sentry_version=7"),
            ),
            tuple(bodies[name]),
            rounds_apart=_APART if name == SESSION_ENVELOPE else 0,
            known_by=known_by.get(name, 0),
            first_project_id=first_project_id,
        )


def _envelope(kind: str, payload: dict[str, object], number: int = 0) -> str:
    event_id = f"{number:08x}000040008000{DIGITS}"
    head = {} if kind.startswith("session") else {"event_id": event_id}
    return "\n".join(map(json.dumps, (head, {"type": kind}, payload)))


def _sentry_event(bug: int) -> dict[str, object]:
    frames = [
        {
            "function": f"step{bug}_{frame}",
            "filename": "main.jsbundle",
            "lineno": 1,
            "colno": frame * 37,
            "in_app": True,
        }
        for frame in reversed(range(_FRAMES))
    ]
    told = _event_body(bug)
    value = {"type": told["exception_type"], "value": told["message"]}
    return {
        "exception": {"values": [{**value, "stacktrace": {"frames": frames}}]},
        "level": "error",
        "release": RELEASE,
        "environment": ENVIRONMENT,
        "platform": "javascript",
        "user": {"id": PERSON},
        "tags": told["tags"],
        "contexts": {"os": {"name": "Android"}, "cart": {"items": 3, "total": "41.50"}},
        "breadcrumbs": {"values": told["breadcrumbs"]},
    }
