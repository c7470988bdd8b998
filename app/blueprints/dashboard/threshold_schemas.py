"""What a project judges its releases by, as the API shows and takes it."""

from marshmallow import fields, missing

from app.services.projects.thresholds import MINIMUM_HIGHEST
from app.web.schemas import AnswerSchema, WireInteger, WireRate, WireSchema


class LinesSchema(AnswerSchema):
    """Of one unit: `good` is a rate whose interval is at `good_from` or above, `bad` one whose is
    below `warning_from`; with fewer than `minimum` a verdict is `undecided`."""

    example = {"good_from": 0.99, "warning_from": 0.95, "minimum": 0}

    good_from = fields.Float()
    warning_from = fields.Float()
    minimum = fields.Integer()


class ThresholdsSchema(AnswerSchema):
    """What verdicts are judged by."""

    example = {"sessions": LinesSchema.example, "users": LinesSchema.example}

    sessions = fields.Nested(LinesSchema)
    users = fields.Nested(LinesSchema)


class ProjectThresholdsSchema(AnswerSchema):
    """The same, as a project has them."""

    example = {
        "sessions_good_from": 0.99,
        "sessions_warning_from": 0.95,
        "sessions_minimum": 0,
        "users_good_from": 0.99,
        "users_warning_from": 0.95,
        "users_minimum": 0,
    }

    sessions_good_from = fields.Float()
    sessions_warning_from = fields.Float()
    sessions_minimum = fields.Integer()
    users_good_from = fields.Float()
    users_warning_from = fields.Float()
    users_minimum = fields.Integer()


class ThresholdsChangeSchema(WireSchema):
    """The same, as a project takes them."""

    sessions_good_from = WireRate(load_default=missing)
    sessions_warning_from = WireRate(load_default=missing)
    sessions_minimum = WireInteger(highest=MINIMUM_HIGHEST, load_default=missing)
    users_good_from = WireRate(load_default=missing)
    users_warning_from = WireRate(load_default=missing)
    users_minimum = WireInteger(highest=MINIMUM_HIGHEST, load_default=missing)
