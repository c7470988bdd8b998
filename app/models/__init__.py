"""Tables, constraints and indexes; no decisions."""

from app.models.accounts import Account, UserToken
from app.models.events import Event, Issue
from app.models.feedback import Feedback
from app.models.projects import Project

__all__ = ["Account", "Event", "Feedback", "Issue", "Project", "UserToken"]
