"""A field that is told in `app.services.feedback.fields` is told everywhere else that it must be.

Each test names the field that a file forgot; docs/how-to/feedback-field.md goes through the files.
"""

from dataclasses import fields

import pytest
from sqlalchemy import inspect

from app.blueprints.dashboard.feedback.schemas import FeedbackRowSchema
from app.blueprints.dashboard.people.schemas import PersonFeedbackSchema
from app.blueprints.ingest.schemas import FeedbackSchema
from app.models import Feedback
from app.services.feedback.fields import COMPARED, SEARCHED, SUBMITTED, FeedbackRow
from app.services.people.rows import PersonFeedback

pytestmark = pytest.mark.sqlite_only("asks no database")


def names_of(kind):
    return {field.name for field in fields(kind)}


def test_what_is_submitted_is_what_a_body_may_have():
    assert set(FeedbackSchema().fields) == set(SUBMITTED)
    assert set(FeedbackSchema.example) == set(SUBMITTED)


def test_what_is_submitted_has_a_column():
    columns = inspect(Feedback).columns.keys()
    assert [name for name in SUBMITTED if name not in columns] == []


def test_the_api_shows_a_row_whole():
    assert set(FeedbackRowSchema().fields) == names_of(FeedbackRow)
    assert set(FeedbackRowSchema.example) == names_of(FeedbackRow)


def test_the_description_of_an_export_shows_its_rows_whole():
    assert set(PersonFeedbackSchema().fields) == names_of(PersonFeedback)


def test_what_is_searched_and_compared_is_submitted():
    assert set(SEARCHED) | set(COMPARED) <= set(SUBMITTED)
