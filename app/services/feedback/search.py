"""Where words are looked for: in one folded text for each piece of feedback, kept beside it.

A search reads the project's texts one after the other, in the order of ids, and looks a row of
feedback up only where all words were found. Why so: docs/decisions/0064-search-in-kept-texts.md.
"""

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.search_text import folded
from app.extensions import db
from app.models import Feedback, FeedbackText


@dataclass(frozen=True)
class FoundFeedback:
    """What a query over feedback needs: `id` is the column to order and to bound it by."""

    id: InstrumentedAttribute[int]
    conditions: tuple[ColumnElement[bool], ...]

    def where(self, *conditions: ColumnElement[bool]) -> "FoundFeedback":
        return FoundFeedback(self.id, (*self.conditions, *conditions))


def with_words(project_id: int, words: tuple[str, ...]) -> FoundFeedback:
    """A project's feedback that has each of the words in one of its texts, in either case.

    Without words it is all of the project's.
    """
    if not words:
        return FoundFeedback(Feedback.id, (Feedback.project_id == project_id,))
    conditions = [
        FeedbackText.project_id == project_id,
        FeedbackText.feedback_id == Feedback.id,
        *map(_has_word, words),
    ]
    if db.engine.dialect.name == "postgresql":
        # Implied by the foreign key, which it does not plan with. SQLite is not to hear it: it
        # might begin with the feedback, and look up the text of each.
        conditions.append(Feedback.project_id == project_id)
    return FoundFeedback(FeedbackText.feedback_id, tuple(conditions))


def _has_word(word: str) -> ColumnElement[bool]:
    if db.engine.dialect.name == "sqlite":
        # Passes over what cannot begin the word many bytes at a time, which its instr() does not.
        pattern = re.sub(r"[*?\[]", r"[\g<0>]", folded(word))
        return FeedbackText.folded.op("GLOB", is_comparison=True)(f"*{pattern}*")
    return func.strpos(FeedbackText.folded, folded(word)) > 0
