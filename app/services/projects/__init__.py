"""Projects, their tokens, members and senders."""

from app.services.projects.projects import (
    ProjectKey,
    ProjectRow,
    ProjectToken,
    change,
    create,
    list_all,
    mark_deleted,
    mark_owned,
    names_owned_by,
    require_exists,
    rotate_sentry_key,
    rotate_token,
)

__all__ = [
    "ProjectKey",
    "ProjectRow",
    "ProjectToken",
    "change",
    "create",
    "list_all",
    "mark_deleted",
    "mark_owned",
    "names_owned_by",
    "require_exists",
    "rotate_sentry_key",
    "rotate_token",
]
