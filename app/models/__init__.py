"""Tables, constraints and indexes; no decisions."""

from app.models.accounts import Account, UserToken
from app.models.events import Event, Issue, IssueRelease
from app.models.feedback import Feedback
from app.models.projects import Project
from app.models.sessions import (
    Release,
    ReleaseDay,
    ReleaseUser,
    RetentionHorizon,
    Session,
)

__all__ = [
    "Account",
    "Event",
    "Feedback",
    "Issue",
    "IssueRelease",
    "Project",
    "Release",
    "ReleaseDay",
    "ReleaseUser",
    "RetentionHorizon",
    "Session",
    "UserToken",
]
