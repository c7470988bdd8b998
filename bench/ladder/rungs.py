"""What is measured: the requests of each rung, as SDKs and the console send them.

Every body is a new one, or the service would answer duplicates, which cost it less: clients put
running numbers in the place of the markers (`bench.ladder.plan`).
"""

import json
from dataclasses import dataclass

from bench.ladder.plan import NUMBER, PERSON, TOKEN, UUID, Plan
from bench.population import ENVIRONMENT, Population

BARE_WSGI = "bare WSGI answer"
ECHO = "bare Flask JSON echo"
FEEDBACK = "`POST /feedback`"
SESSIONS = "`POST /sessions`"
INGEST = "`POST /ingest`"
LIST = "list of 100"
HEALTH = "release health"
# Which yardstick is which application of `bench.ladder.yardsticks`.
YARDSTICKS = {BARE_WSGI: "bare_wsgi", ECHO: "echo"}
NAMES = (*YARDSTICKS, FEEDBACK, SESSIONS, INGEST, LIST, HEALTH)

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


@dataclass(frozen=True)
class Rung:
    """Requests of one kind: the bodies in turn, all of them for one project, then for the next."""

    name: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    bodies: tuple[str, ...] = ("",)
    rounds_apart: int = 0

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
            tokens=tokens,
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
        Rung(INGEST, "POST", "/ingest", public, tuple(map(json.dumps, events))),
        Rung(LIST, "GET", f"{project}/feedback", account),
        Rung(HEALTH, "GET", f"{project}/release-health", account),
    ]


def _event_body(bug: int) -> dict[str, object]:
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
