"""What the routes of two-factor take and show."""

from marshmallow import fields

from app.domain.field_limits import SECRET_MAX_CHARS
from app.web.schemas import AnswerSchema, WireCode, WireSchema


class CodeSchema(WireSchema):
    """The body of `POST /totp/confirm`."""

    example = {"code": "123456"}

    code = WireCode(max_chars=SECRET_MAX_CHARS, required=True)


class TwoFactorSchema(AnswerSchema):
    """Whether a login needs a code."""

    example = {"enabled": True, "recovery_codes_left": 10}

    enabled = fields.Boolean()
    recovery_codes_left = fields.Integer()


class TwoFactorConfirmedSchema(AnswerSchema):
    """From now on a login needs a code."""

    example = {"enabled": True}

    enabled = fields.Boolean()


class EnrolmentSchema(AnswerSchema):
    """What the authenticator app needs, and ten recovery codes; shown only here."""

    example = {
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "provisioning_uri": "otpauth://totp/pionne-feedback:you%40example.com"
        "?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=pionne-feedback",
        "recovery_codes": [f"k3ym-7pqa-x2dn-v4t{last}" for last in "abcdefghij"],
    }

    secret = fields.String()
    provisioning_uri = fields.String()
    recovery_codes = fields.List(fields.String())
