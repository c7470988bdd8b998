"""Projects, their tokens, members and senders."""

from app.services.projects.projects import (
    ProjectRow,
    ProjectToken,
    change,
    create,
    list_all,
    mark_deleted,
    mark_owned,
    names_owned_by,
    require_exists,
    rotate_token,
)

__all__ = [
    "ProjectRow",
    "ProjectToken",
    "change",
    "create",
    "list_all",
    "mark_deleted",
    "mark_owned",
    "names_owned_by",
    "require_exists",
    "rotate_token",
]
