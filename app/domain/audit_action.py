"""The deeds that a project's audit names; clients read these words, so they never change."""

from enum import StrEnum

from app.domain.feedback_status import FeedbackStatus
from app.domain.issue_status import IssueStatus


class AuditAction(StrEnum):
    """`<what it was done to>.<what was done>`."""

    PROJECT_CREATED = "project.created"
    PROJECT_CHANGED = "project.changed"
    PROJECT_DELETED = "project.deleted"
    PROJECT_SCRUBBED = "project.scrubbed"
    TOKEN_ROTATED = "token.rotated"
    TOKEN_ADDED = "token.added"
    TOKEN_REVOKED = "token.revoked"
    SENTRY_KEY_ROTATED = "sentry_key.rotated"
    MEMBER_INVITED = "member.invited"
    MEMBER_JOINED = "member.joined"
    MEMBER_ROLE_CHANGED = "member.role_changed"
    MEMBER_REMOVED = "member.removed"
    INVITATION_WITHDRAWN = "invitation.withdrawn"
    FEEDBACK_HANDLED = "feedback.handled"
    FEEDBACK_ARCHIVED = "feedback.archived"
    FEEDBACK_REOPENED = "feedback.reopened"
    FEEDBACK_DELETED = "feedback.deleted"
    ISSUE_RESOLVED = "issue.resolved"
    ISSUE_IGNORED = "issue.ignored"
    ISSUE_OPENED = "issue.opened"
    ISSUE_DELETED = "issue.deleted"
    RELEASE_NAMED = "release.named"
    ISSUE_MERGED = "issue.merged"
    ISSUE_TAKEN_OUT = "issue.taken_out"
    PERSON_ERASED = "person.erased"


FEEDBACK_MOVED = {
    FeedbackStatus.OPEN: AuditAction.FEEDBACK_REOPENED,
    FeedbackStatus.HANDLED: AuditAction.FEEDBACK_HANDLED,
    FeedbackStatus.ARCHIVED: AuditAction.FEEDBACK_ARCHIVED,
}
ISSUE_MOVED = {
    IssueStatus.OPEN: AuditAction.ISSUE_OPENED,
    IssueStatus.RESOLVED: AuditAction.ISSUE_RESOLVED,
    IssueStatus.IGNORED: AuditAction.ISSUE_IGNORED,
}
