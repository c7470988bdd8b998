"""The crashed sessions of a release and the events that tell of them, of one UTC day."""

from typing import Any

from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.blueprints.dashboard.access import project_for
from app.blueprints.dashboard.blueprint import blueprint, next_page
from app.blueprints.dashboard.schemas import PAGE_MAX_ROWS
from app.domain.crash_cursor import CRASH_CURSOR_PATTERN, read_crash_cursor, write_crash_cursor
from app.domain.crashes import NoEvent, NoSession, Tie, TiedBy
from app.domain.field_limits import LABEL_MAX_CHARS
from app.domain.roles import Role
from app.extensions import now
from app.services.releases import crashes
from app.services.releases.crashes import MOST_OF_A_DAY, Part
from app.web.incoming import query_values
from app.web.openapi import documented
from app.web.schemas import (
    AnswerSchema,
    QueryDay,
    QueryInteger,
    WireChoice,
    WireName,
    WireSchema,
    WireText,
    WireTime,
)

# Both sides have some in common.
_REASONS = list(dict.fromkeys([str(each) for each in (*NoEvent, *NoSession)]))


class CrashCursorField(WireText):
    """As the `Link` header writes it."""

    default_error_messages = {"cursor": "The {name} must come from a Link header."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_chars=60, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        cursor = read_crash_cursor(value)
        if cursor is None:
            raise self.make_error("cursor")
        return cursor

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{CRASH_CURSOR_PATTERN}$"}


class CrashesQuerySchema(WireSchema):
    """Which release and day, and which of its crashes."""

    name = WireName(max_chars=LABEL_MAX_CHARS, required=True)
    day = QueryDay(metadata={"description": "A UTC day; without it, the newest one with a crash."})
    part = WireChoice(tuple(Part), metadata={"description": "Leaves the others out of the rows."})
    limit = QueryInteger(lowest=1, highest=PAGE_MAX_ROWS, load_default=PAGE_MAX_ROWS)
    before = CrashCursorField()


class CrashSchema(AnswerSchema):
    """A crashed session and its event, or one of both and why it is alone."""

    example = {
        "at": "2026-05-07T17:25:00Z",
        "session_id": "123e4567-e89b-12d3-a456-426614174000",
        "event_id": 1234,
        "issue_id": 88,
        "tied_by": "user",
        "reason": None,
    }

    at = WireTime(
        metadata={"description": "When the session was marked as crashed, else when it crashed."}
    )
    session_id = fields.UUID(allow_none=True)
    event_id = fields.Integer(allow_none=True)
    issue_id = fields.Integer(allow_none=True)
    tied_by = fields.String(allow_none=True, metadata={"enum": [*TiedBy, None]})
    reason = fields.String(allow_none=True, metadata={"enum": [*_REASONS, None]})


class NoEventSchema(AnswerSchema):
    """How many crashed sessions have no event, for one reason."""

    example = {"reason": "no_user", "count": 2}

    reason = fields.String(metadata={"enum": list(NoEvent)})
    count = fields.Integer()


class NoSessionSchema(AnswerSchema):
    """How many fatal events have no crashed session, for one reason."""

    example = {"reason": "handled", "count": 1}

    reason = fields.String(metadata={"enum": list(NoSession)})
    count = fields.Integer()


class CrashesSchema(AnswerSchema):
    """What crashed on the day, the newest first, and how much of it is tied."""

    example = {
        "release": "1.4.2",
        "day": "2026-05-07",
        "older_day": "2026-05-06",
        "newer_day": None,
        "sessions_crashed": 4,
        "fatal_events": 3,
        "tied": 2,
        "no_event": [NoEventSchema.example],
        "no_session": [NoSessionSchema.example],
        "looked_until": None,
        "crashes": [CrashSchema.example],
    }

    release = fields.String()
    day = fields.Date()
    older_day = fields.Date(
        allow_none=True, metadata={"description": "The day before it that has a crash."}
    )
    newer_day = fields.Date(allow_none=True)
    sessions_crashed = fields.Integer(
        metadata={"description": "Marked on this day, whenever they began."}
    )
    fatal_events = fields.Integer()
    tied = fields.Integer()
    no_event = fields.List(fields.Nested(NoEventSchema))
    no_session = fields.List(fields.Nested(NoSessionSchema))
    looked_until = WireTime(
        allow_none=True,
        metadata={
            "description": f"The day has more than {MOST_OF_A_DAY} of a side, and all of this"
            " answer is of those up to then; null: of all."
        },
    )
    crashes = fields.List(fields.Nested(CrashSchema))


_query_schema = CrashesQuerySchema()
_schema = CrashesSchema()


@blueprint.get("/projects/<project>/release/crashes")
@documented(query=CrashesQuerySchema, answers={200: CrashesSchema})
def list_crashes(project: str) -> ResponseReturnValue:
    """Reconcile the crashed sessions of the release `name` with its fatal events, of one UTC day.

    Each is tied to one of the other side at most. `Link: rel="next"` pages on.
    """
    project_id = project_for(Role.VIEWER, project)
    query = _query_schema.load(query_values())
    found = crashes.of_day(project_id, query["name"], query["day"], now=now())
    page = found.page(
        Part(query["part"]) if query["part"] else None,
        limit=query["limit"],
        before=query["before"],
    )
    cursor = page.next_before and write_crash_cursor(page.next_before)
    answer = {
        "release": found.release,
        "day": found.day,
        "older_day": found.older_day,
        "newer_day": found.newer_day,
        "sessions_crashed": found.sessions_crashed,
        "fatal_events": found.fatal_events,
        "tied": found.tied,
        "no_event": [{"reason": reason, "count": count} for reason, count in found.no_event],
        "no_session": [{"reason": reason, "count": count} for reason, count in found.no_session],
        "looked_until": found.looked_until,
        "crashes": [_row(each) for each in page.ties],
    }
    # Each page is of this day, also when a newer one comes meanwhile.
    link = next_page(
        ".list_crashes", _query_schema, before=cursor, project=project_id, day=str(found.day)
    )
    dumped: dict[str, Any] = _schema.dump(answer)
    return dumped, link


def _row(tie: Tie) -> dict[str, Any]:
    return {
        "at": tie.at,
        "session_id": tie.session and tie.session.uuid,
        "event_id": tie.event and tie.event.id,
        "issue_id": tie.event and tie.event.issue_id,
        "tied_by": tie.tied_by,
        "reason": tie.reason,
    }
