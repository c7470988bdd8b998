"""What routes about several nouns take and show."""

from marshmallow import fields

from app.web.schemas import AnswerSchema

PAGE_MAX_ROWS = 100


class DeletedSchema(AnswerSchema):
    """It is gone."""

    example = {"deleted": True}

    deleted = fields.Boolean()
