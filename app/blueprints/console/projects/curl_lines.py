"""Lines for a terminal that send a first feedback, session and crash, as an SDK would.

Each is complete as it stands: a shell that gets it pasted asks for nothing. The crash is of the
session that the line before it opened, so the figures of release health agree with the issue.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

RELEASE, USER = "1.0.0", "visitor-1"
_FEEDBACK = {"message": "Hello from curl", "app_version": RELEASE}
_EVENT: dict[str, object] = {
    "exception_type": "TypeError",
    "message": "total is undefined",
    "level": "fatal",
    "release": RELEASE,
    "user_id_anon": USER,
    "stack": ["at pay (cart.js:10:3)", "at onPress (cart.js:2:1)"],
}


@dataclass(frozen=True, kw_only=True)
class CurlLines:
    feedback: str
    session: str
    crash: str


def curl_lines(base: str, token: str, *, session_id: UUID, bundle_id: str | None) -> CurlLines:
    """`base` has no slash at its end. Events of a project that is pinned have to name its app."""
    of_app: dict[str, object] = {"app_id": bundle_id} if bundle_id else {}
    session: dict[str, object] = {
        "session_id": str(session_id),
        "release": RELEASE,
        "user_id_anon": USER,
    }

    def post(path: str, body: Mapping[str, object]) -> str:
        header = shlex.quote(f"X-Pionne-Token: {token}")
        return f"curl {shlex.quote(base + path)} \\\n  -H {header} \\\n  -d {_quoted(body)}"

    event = post("/api/ingest", _EVENT | of_app)
    flip = post("/api/sessions", session | {"status": "crashed"} | of_app)
    return CurlLines(
        feedback=post("/api/feedback", _FEEDBACK),
        session=post("/api/sessions", session | {"status": "ok"} | of_app),
        crash=f"{event}\n{flip}",
    )


def _quoted(body: Mapping[str, object]) -> str:
    """One field a line: a phone shows them all, and whoever tries changes one."""
    fields = ",\n".join(f"    {json.dumps(name)}: {json.dumps(body[name])}" for name in body)
    return shlex.quote(f"{{\n{fields}\n  }}")
