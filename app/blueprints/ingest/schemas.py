"""The bodies that SDKs post, field by field (contract section 3)."""

from typing import Any

from marshmallow import post_load

from app.domain import field_limits
from app.schemas import WireEmail, WireSchema, WireText
from app.services.feedback import Submission


class FeedbackSchema(WireSchema):
    """What a user wrote, alone or about an event (contract section 3.2)."""

    message = WireText(required=True, max_chars=field_limits.MESSAGE_MAX_CHARS)
    name = WireText(max_chars=field_limits.NAME_MAX_CHARS)
    email = WireEmail()
    url = WireText(max_chars=field_limits.URL_MAX_CHARS)
    app_version = WireText(max_chars=field_limits.APP_VERSION_MAX_CHARS)

    @post_load
    def _to_submission(self, values: dict[str, Any], **_: object) -> Submission:
        return Submission(**values)
