"""A deed of the audit as a sentence without its subject: `replaced the token`.

Details are read as what an older version may have written: a missing one leaves words out.
"""

from collections.abc import Callable

from app.domain.audit_action import AuditAction
from app.services.audit import AuditRow

_Words = Callable[[AuditRow], str]


def deed_in_words(row: AuditRow) -> str:
    """Plain text. A deed that this version does not know is told by its name."""
    try:
        words = _WORDS[AuditAction(row.action)]
    except ValueError:
        return row.action
    return words(row)


def _changes(row: AuditRow) -> str:
    changes = row.detail.get("changes", {})
    told = ", ".join(
        f"{name.replace('_', ' ')} from {_quoted(each.get('from'))} to {_quoted(each.get('to'))}"
        for name, each in changes.items()
    )
    return f"changed {told or 'the settings'}"


def _removal(row: AuditRow) -> str:
    email = row.detail.get("email")
    return "left the project" if email == row.actor else f"removed {email or 'a member'}"


def _erasure(row: AuditRow) -> str:
    """Numbers only: whom it was about is what had to be forgotten."""
    return f"erased a person ({_counted(row)})"


def _scrubbing(row: AuditRow) -> str:
    return f"took personal data out of stored texts ({_counted(row)})"


def _counted(row: AuditRow) -> str:
    told = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in row.detail.items())
    return told or "…"


def _quoted(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "nothing" if value is None else f"“{value}”"


def _said(words: str) -> _Words:
    """Words with the row's details in them; those that are missing are told as …"""

    def fill(row: AuditRow) -> str:
        return words.format_map(_Details(row.detail, target=row.target_id))

    return fill


class _Details(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


_WORDS: dict[AuditAction, _Words] = {
    AuditAction.PROJECT_CREATED: _said("created the project “{name}”"),
    AuditAction.PROJECT_CHANGED: _changes,
    AuditAction.PROJECT_DELETED: _said("deleted the project"),
    AuditAction.PROJECT_SCRUBBED: _scrubbing,
    AuditAction.TOKEN_ROTATED: _said("replaced all tokens by a new one"),
    AuditAction.SENTRY_KEY_ROTATED: _said("gave the DSN a new key"),
    AuditAction.TOKEN_ADDED: _said("added the token “{label}”"),
    AuditAction.TOKEN_REVOKED: _said("revoked the token “{label}”"),
    AuditAction.RELEASE_NAMED: _said("named the release “{release}” of {environment}"),
    AuditAction.MEMBER_INVITED: _said("invited {email} as {role}"),
    AuditAction.MEMBER_JOINED: _said("joined as {role}"),
    AuditAction.MEMBER_ROLE_CHANGED: _said("made {email} a {to}, who was a {from}"),
    AuditAction.MEMBER_REMOVED: _removal,
    AuditAction.INVITATION_WITHDRAWN: _said("withdrew the invitation of {email}"),
    AuditAction.FEEDBACK_HANDLED: _said("handled feedback {target}"),
    AuditAction.FEEDBACK_ARCHIVED: _said("archived feedback {target}"),
    AuditAction.FEEDBACK_REOPENED: _said("reopened feedback {target}"),
    AuditAction.FEEDBACK_DELETED: _said("deleted feedback {target}"),
    AuditAction.ISSUE_RESOLVED: _said("resolved issue {target}"),
    AuditAction.ISSUE_IGNORED: _said("ignored issue {target}"),
    AuditAction.ISSUE_OPENED: _said("reopened issue {target}"),
    AuditAction.ISSUE_DELETED: _said("deleted issue {target}"),
    AuditAction.ISSUE_MERGED: _said("merged issue {target} into issue {into}"),
    AuditAction.ISSUE_TAKEN_OUT: _said("took issue {target} out of issue {of} again"),
    AuditAction.PERSON_ERASED: _erasure,
}
