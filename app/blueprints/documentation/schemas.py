"""What every route may answer when it refuses; `app.web.errors` makes these."""

from marshmallow import INCLUDE, Schema, fields

from app.web.schemas import WireSchema


class ErrorSchema(WireSchema):
    """Any refusal; `errors` by field on 422, `expected_format` when the app is another one."""

    example = {
        "message": "The email must be a valid email address.",
        "errors": {"email": ["The email must be a valid email address."]},
    }

    message = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    expected_format = fields.String()


class ProblemSchema(WireSchema):
    """A refusal in the form of RFC 9457, for `Accept: application/problem+json`."""

    example = {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "The email must be a valid email address.",
        "errors": {"email": ["The email must be a valid email address."]},
    }

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    expected_format = fields.String()


class DescriptionSchema(Schema):
    """An OpenAPI document."""

    class Meta:
        unknown = INCLUDE

    openapi = fields.String(required=True)
    info = fields.Dict(required=True)
    paths = fields.Dict(required=True)
