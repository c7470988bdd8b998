"""What the probes answer."""

from marshmallow import fields

from app.web.schemas import AnswerSchema


class AliveSchema(AnswerSchema):
    """The process answers."""

    example = {"ok": True}

    ok = fields.Boolean()


class CheckSchema(AnswerSchema):
    """One thing that the service needs; `message` says what to do when it is not ok."""

    ok = fields.Boolean()
    message = fields.String(allow_none=True)


class ChecksSchema(AnswerSchema):
    """All of them."""

    key = fields.Nested(CheckSchema)
    database = fields.Nested(CheckSchema)
    migrations = fields.Nested(CheckSchema)
    writes = fields.Nested(CheckSchema)
    limiter = fields.Nested(CheckSchema)


class ReadinessSchema(AnswerSchema):
    """Whether feedback can be taken, and what is wrong."""

    example = {
        "ready": True,
        "message": "Ready. Limits are counted per process until their store is back.",
        "degraded": ["limiter"],
        "checks": {
            "key": {"ok": True, "message": None},
            "database": {"ok": True, "message": None},
            "migrations": {"ok": True, "message": None},
            "writes": {"ok": True, "message": None},
            "limiter": {
                "ok": False,
                "message": "The store of RATELIMIT_STORAGE_URI does not answer: start it, or check"
                " the address.",
            },
        },
    }

    ready = fields.Boolean()
    message = fields.String()
    degraded = fields.List(
        fields.String(),
        metadata={"description": "The checks that failed, and without which feedback is taken."},
    )
    checks = fields.Nested(ChecksSchema)
