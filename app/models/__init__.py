"""Tables, constraints and indexes; no decisions."""

from app.models.accounts import Account, LoginChallenge, Milestone, RecoveryCode, UserToken
from app.models.disk import DiskShare
from app.models.events import Event, EventDay, Issue, IssueFingerprint, IssueRelease
from app.models.feedback import Feedback, FeedbackText
from app.models.losses import Loss
from app.models.projects import AuditEntry, Invitation, Project, ProjectMember, ProjectToken
from app.models.sentry_ids import SentryId
from app.models.sessions import (
    NewNames,
    Release,
    ReleaseDay,
    ReleaseUser,
    RetentionHorizon,
    Session,
    SessionSum,
)

__all__ = [
    "Account",
    "AuditEntry",
    "DiskShare",
    "Event",
    "EventDay",
    "Feedback",
    "FeedbackText",
    "Invitation",
    "Issue",
    "IssueFingerprint",
    "IssueRelease",
    "LoginChallenge",
    "Loss",
    "Milestone",
    "NewNames",
    "Project",
    "ProjectMember",
    "ProjectToken",
    "RecoveryCode",
    "Release",
    "ReleaseDay",
    "ReleaseUser",
    "RetentionHorizon",
    "SentryId",
    "Session",
    "SessionSum",
    "UserToken",
]
