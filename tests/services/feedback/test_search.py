"""A search finds what contains the words; what is kept for it goes with its feedback."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.database import read_transaction
from app.domain.search_text import folded
from app.models import FeedbackText
from app.services import feedback
from app.services.feedback import triage

pytestmark = pytest.mark.usefixtures("context")

# Letters that have cases, or none, or more than one; and what SQL gives a meaning to.
LETTERS = "aAbB sSßẞıİiIΣσςéÉǅǆ*?[]^-%_\\'\"/|\n\t\u0645😀"
TEXTS = st.text(LETTERS, min_size=1, max_size=8)
# As `str.split` leaves them: never a blank, nor a line break.
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=3), min_size=1, max_size=2).map(
    lambda words: tuple(" ".join(words).split())
)


@given(message=TEXTS, name=TEXTS | st.none(), url=TEXTS | st.none(), words=WORDS)
@example(message="a*b?[c]", name=None, url=None, words=("*b?[", "]"))
@example(message="a", name="b", url=None, words=("ab",))
@example(message="ΟΔΟΣ", name=None, url=None, words=("οδοσ",))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_found_is_what_has_each_word_in_one_of_its_texts(
    project, make_feedback, clock, message, name, url, words
):
    fields = {"message": message, "name": name, "url": url}
    texts = {field: text for field, text in fields.items() if text is not None}
    made = make_feedback(**texts)
    has_all = all(any(folded(word) in folded(text) for text in texts.values()) for word in words)
    page = triage.list_page(project.id, limit=1, words=words)
    triage.remove(project.id, made, actor=None, now=clock())
    assert [row.id for row in page.rows] == [made] * has_all


@pytest.fixture
def make_once(project, clock):
    """Submits as from one address, so that the same message is a duplicate."""

    def submit(**fields):
        return feedback.submit(
            project.id,
            feedback.Submission(**fields),
            address_hash=bytes(32),
            now=clock(),
            duplicate_window=timedelta(minutes=10),
        )

    return submit


def kept_texts():
    with read_transaction() as connection:
        query = select(FeedbackText.feedback_id, FeedbackText.folded)
        return dict(tuple(row) for row in connection.execute(query))


def test_text_goes_with_its_feedback(project, make_feedback, clock):
    gone, kept = make_feedback(), make_feedback(message="Stays", email="Al@example.com")
    triage.remove(project.id, gone, actor=None, now=clock())
    assert kept_texts() == {kept: "stays\nal@example.com"}


def test_feedback_that_is_sent_again_has_one_text(make_once):
    first = make_once(message="Blank")
    assert make_once(message="Blank").id == first.id
    assert kept_texts() == {first.id: "blank"}


def test_personal_data_is_not_kept_for_searching_either(make_once):
    stored = make_once(message="Write to jo@example.com")
    assert kept_texts() == {stored.id: "write to [redacted]"}
