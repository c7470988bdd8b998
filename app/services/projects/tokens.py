"""The tokens that apps send to a project: made, listed, revoked one by one or all at once.

Who sends with which is asked elsewhere, with each write: `app.services.projects.senders`. A project
keeps at least one, because one without hears nobody, and nobody would be told.
"""

from dataclasses import dataclass, field
from datetime import datetime
from unicodedata import normalize

from sqlalchemy import Connection, delete, insert, or_, select, update

from app.database import read_transaction, write_transaction
from app.domain import tokens
from app.domain.audit_action import AuditAction
from app.domain.times import AHEAD_AT_MOST
from app.models import Project, ProjectToken
from app.models.columns import columns_of
from app.models.projects import IS_ALIVE
from app.services import audit
from app.services.errors import Invalid, NotFound
from app.services.projects import senders

FIRST_LABEL = "First token"
# The label of a token that takes the place of several, none of whose labels says what it is for.
REPLACEMENT_LABEL = "Replacement"
MAX_TOKENS = 100

# The preview of a project's newest token; put it into a statement that selects from projects.
NEWEST_PREVIEW = (
    select(ProjectToken.preview)
    .where(ProjectToken.project_id == Project.id)
    .order_by(ProjectToken.id.desc())
    .limit(1)
    .correlate(Project)
    .scalar_subquery()
)


@dataclass(frozen=True, kw_only=True)
class ProjectTokenRow:
    """`last_used_at` is the beginning of an hour; None when it was not used yet."""

    id: int
    label: str
    token_preview: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class NewProjectToken(ProjectTokenRow):
    """`token` cannot be read again later."""

    token: str = field(repr=False)


def list_of(project_id: int) -> list[ProjectTokenRow]:
    """Oldest first."""
    query = (
        select(
            *columns_of(ProjectTokenRow, ProjectToken, apart_from=["token_preview"]),
            ProjectToken.preview.label("token_preview"),
        )
        .where(ProjectToken.project_id == project_id)
        .order_by(ProjectToken.id)
    )
    with read_transaction() as connection:
        return [ProjectTokenRow(**row._mapping) for row in connection.execute(query)]


def add(project_id: int, label: str, *, actor: str | None, now: datetime) -> NewProjectToken:
    """One more; the others stay good. Raises NotFound, and Invalid for a label that is taken."""
    if not tokens.is_harmless_name(label):
        raise Invalid(
            "label", "The label may hold letters, digits, blanks and . , : / ( ) + - _ only."
        )
    with write_transaction() as connection:
        hold_project(connection, project_id)
        labels = _labels(connection, project_id)
        if len(labels) >= MAX_TOKENS:
            raise Invalid("label", f"A project has at most {MAX_TOKENS} tokens: revoke one first.")
        if _as_read(label) in map(_as_read, labels):
            raise Invalid(
                "label",
                "The project has a token with this label already: choose another, so that it is"
                " clear which one to revoke.",
            )
        token_id, token = _insert(connection, project_id, label, now=now)
        deed = AuditAction.TOKEN_ADDED
        audit.record(
            connection, project_id, deed, target_id=token_id, actor=actor, now=now, label=label
        )
    return NewProjectToken(
        id=token_id,
        label=label,
        token_preview=tokens.token_preview(token),
        created_at=now,
        last_used_at=None,
        token=token,
    )


def revoke(project_id: int, token_id: int, *, actor: str | None, now: datetime) -> None:
    """Dead from the commit on, in every worker. Raises NotFound, and Invalid for the last one."""
    is_it = (ProjectToken.id == token_id) & (ProjectToken.project_id == project_id)
    with write_transaction() as connection:
        hold_project(connection, project_id)
        label = connection.execute(select(ProjectToken.label).where(is_it)).scalar()
        if label is None:
            raise NotFound("There is no such token.")
        if len(_labels(connection, project_id)) == 1:
            raise Invalid(
                "token",
                "This is the project's last token, and without one nobody would be heard:"
                " add another first, or replace it.",
            )
        connection.execute(delete(ProjectToken).where(is_it))
        deed = AuditAction.TOKEN_REVOKED
        audit.record(
            connection, project_id, deed, target_id=token_id, actor=actor, now=now, label=label
        )
    senders.forget_all()


def note_use(digest: bytes, *, hour: datetime) -> None:
    """That it was used in this hour; tells nobody when it is revoked."""
    newer = or_(
        ProjectToken.last_used_at.is_(None),
        ProjectToken.last_used_at < hour,
        ProjectToken.last_used_at > hour + AHEAD_AT_MOST,  # of a clock that was ahead
    )
    with write_transaction() as connection:
        connection.execute(
            update(ProjectToken)
            .where(ProjectToken.digest == digest, newer)
            .values(last_used_at=hour)
        )


def hold_project(connection: Connection, project_id: int) -> str:
    """The project's name; others that change its tokens wait until the commit. Raises NotFound.

    What apps send does not wait: only the tokens that go keep their senders waiting.
    """
    query = select(Project.name).where(Project.id == project_id, IS_ALIVE)
    name = connection.execute(query.with_for_update(key_share=True)).scalar()
    if name is None:
        raise NotFound(f"There is no project {project_id}.")
    return name


def insert_first(connection: Connection, project_id: int, *, now: datetime) -> str:
    """The token of a project that has none."""
    return _insert(connection, project_id, FIRST_LABEL, now=now)[1]


def replace_all(connection: Connection, project_id: int, *, now: datetime) -> str:
    """A new token in place of all others; the caller holds the project.

    It is called like the one that it replaces, if that was the only one.
    """
    labels = _labels(connection, project_id)
    delete_all(connection, project_id)
    label = labels[0] if len(labels) == 1 else REPLACEMENT_LABEL
    return _insert(connection, project_id, label, now=now)[1]


def delete_all(connection: Connection, project_id: int) -> None:
    connection.execute(delete(ProjectToken).where(ProjectToken.project_id == project_id))


def _labels(connection: Connection, project_id: int) -> list[str]:
    query = select(ProjectToken.label).where(ProjectToken.project_id == project_id)
    return list(connection.execute(query).scalars())


def _as_read(label: str) -> str:
    """What people take for the same: pages show a run of blanks as one, and accents alike."""
    return normalize("NFC", " ".join(label.split()).casefold())


def _insert(
    connection: Connection, project_id: int, label: str, *, now: datetime
) -> tuple[int, str]:
    token = tokens.new_project_token()
    token_id = connection.execute(
        insert(ProjectToken).returning(ProjectToken.id),
        {
            "project_id": project_id,
            "label": label,
            "digest": tokens.digest(token),
            "preview": tokens.token_preview(token),
            "created_at": now,
        },
    ).scalar_one()
    return token_id, token
