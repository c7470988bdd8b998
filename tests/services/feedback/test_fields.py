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
from app.services.feedback.fields import (
    AS_TYPED,
    COMPARED,
    SCRUBBED,
    SEARCHED,
    SUBMITTED,
    FeedbackRow,
)
from app.services.people.rows import PersonFeedback
from tests.models.what_is_owed import NO_TEXT

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


def test_each_text_is_scrubbed_or_stays_as_typed():
    columns = inspect(Feedback).columns
    texts = [name for name in SUBMITTED if not isinstance(columns[name].type, NO_TEXT)]
    assert [name for name in texts if name not in SCRUBBED + AS_TYPED] == []
    assert set(SCRUBBED) & set(AS_TYPED) == set()


def test_what_is_scrubbed_is_scrubbed_again_when_the_rules_get_better():
    # What the Sentry dialect tells beside is scrubbed as events are.
    assert set(Feedback.duties.scrubbed) == {*SCRUBBED, "details"}


def test_what_is_searched_and_compared_is_submitted():
    assert set(SEARCHED) | set(COMPARED) <= set(SUBMITTED)
