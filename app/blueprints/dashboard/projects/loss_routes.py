"""What a project was sent and does not have (contract section 3.5)."""

from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.blueprints.dashboard.access import project_for
from app.blueprints.dashboard.blueprint import blueprint
from app.domain.losses import LossKind, LossReason, LossSource
from app.domain.roles import Role
from app.extensions import now
from app.services.losses import report
from app.web.incoming import query_values
from app.web.openapi import documented
from app.web.schemas import AnswerSchema, QueryInteger, WireSchema

_DEFAULT_DAYS = 7
_REASONS = ", ".join(LossReason)


class LossQuerySchema(WireSchema):
    """Of how many UTC days, today among them."""

    days = QueryInteger(lowest=1, highest=report.MAX_DAYS, load_default=_DEFAULT_DAYS)


class LossRowSchema(AnswerSchema):
    """How much of one kind was lost on one day, for one reason."""

    example = {
        "day": "2026-05-07",
        "source": "server",
        "kind": "event",
        "reason": "bundle_mismatch",
        "count": 214,
    }

    day = fields.Date()
    source = fields.String(metadata={"enum": list(LossSource)})
    kind = fields.String(metadata={"enum": list(LossKind)})
    reason = fields.String(metadata={"description": f"Now one of {_REASONS}; more may come."})
    count = fields.Integer()


class LossReportSchema(AnswerSchema):
    """The newest day first."""

    example = {"losses": [LossRowSchema.example]}

    losses = fields.List(fields.Nested(LossRowSchema))


_query_schema = LossQuerySchema()
_row_schema = LossRowSchema()


@blueprint.get("/projects/<project>/losses")
@documented(query=LossQuerySchema, answers={200: LossReportSchema})
def list_losses(project: str) -> ResponseReturnValue:
    """Tell what was refused or lost, by day, kind and reason; it is counted a second later.

    `over_quota`, `too_many_names` and `too_many_issues` were accepted, and lost a part: the content
    of the event, the name of its release or environment, or an issue of its own.
    """
    project_id = project_for(Role.VIEWER, project)
    days = _query_schema.load(query_values())["days"]
    rows = report.by_day(project_id, today=now().date(), days=days)
    return {"losses": _row_schema.dump(rows, many=True)}
