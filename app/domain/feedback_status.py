"""The three states of a piece of feedback in triage."""

from enum import StrEnum


class FeedbackStatus(StrEnum):
    OPEN = "open"
    HANDLED = "handled"
    ARCHIVED = "archived"
