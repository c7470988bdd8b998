"""Makes, lists, changes and deletes projects; their tokens are in `tokens.py`.

A deleted project is a row until its purge is done, so every query here asks for `IS_ALIVE`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from app.database import read_transaction, write_transaction
from app.domain import tokens
from app.domain.audit_action import AuditAction
from app.domain.sentry.credentials import new_key
from app.models import Account, Project
from app.models.columns import columns_of
from app.models.projects import IS_ALIVE
from app.services import audit
from app.services.errors import Invalid, NotFound
from app.services.projects import background_purge, senders, thresholds
from app.services.projects import tokens as project_tokens


@dataclass(frozen=True)
class ProjectToken:
    """`token` is what SDKs send; it cannot be read again later."""

    id: int
    name: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class ProjectKey:
    """`sentry_key` is what a DSN has; everybody may see it."""

    id: int
    name: str
    sentry_key: str


@dataclass(frozen=True)
class ProjectRow:
    id: int
    name: str
    platform: str | None
    owner: str
    token_preview: str
    created_at: datetime


def create(
    name: str, *, owner_id: int, actor: str | None, now: datetime, platform: str | None = None
) -> ProjectToken:
    """Raises Invalid for a token in place of a name."""
    _refuse_tokens({"name": name, "platform": platform})
    with write_transaction() as connection:
        project_id = connection.execute(
            insert(Project).returning(Project.id),
            {
                "owner_id": owner_id,
                "name": name,
                "platform": platform,
                "created_at": now,
                "sentry_key": new_key(),
            },
        ).scalar_one()
        token = project_tokens.insert_first(connection, project_id, now=now)
        deed = AuditAction.PROJECT_CREATED
        audit.record(connection, project_id, deed, actor=actor, now=now, name=name)
    return ProjectToken(id=project_id, name=name, token=token)


def rotate_token(project_id: int, *, actor: str | None, now: datetime) -> ProjectToken:
    """One new token; all others are dead from the commit on, in every worker. Raises NotFound."""
    with write_transaction() as connection:
        name = project_tokens.hold_project(connection, project_id)
        token = project_tokens.replace_all(connection, project_id, now=now)
        audit.record(connection, project_id, AuditAction.TOKEN_ROTATED, actor=actor, now=now)
    senders.forget_all()
    return ProjectToken(id=project_id, name=name, token=token)


def rotate_sentry_key(project_id: int, *, actor: str | None, now: datetime) -> ProjectKey:
    """A new key; the old one is refused from the commit on, in every worker. Raises NotFound.

    It goes with no token: apps in stores cannot follow, so whoever replaces tokens keeps the DSN.
    """
    key = new_key()
    with write_transaction() as connection:
        name = project_tokens.hold_project(connection, project_id)
        connection.execute(update(Project).where(Project.id == project_id).values(sentry_key=key))
        deed = AuditAction.SENTRY_KEY_ROTATED
        audit.record(connection, project_id, deed, actor=actor, now=now)
    senders.forget_all()
    return ProjectKey(id=project_id, name=name, sentry_key=key)


_CHANGEABLE = ("name", "platform", "bundle_id", "bundle_pinning", *thresholds.COLUMNS)


def change(
    project_id: int,
    values: Mapping[str, str | bool | float | None],
    *,
    actor: str | None,
    now: datetime,
) -> None:
    """Set `name`, `platform`, `bundle_id`, `bundle_pinning`, or what releases are judged by.

    Without a bundle id, the next event's app pins it; without pinning, no event does or is refused.

    Raises NotFound, and Invalid for a token in place of a name, or thresholds the wrong way round.
    The audit holds what differs, old and new.
    """
    _refuse_tokens(values)
    columns = {name: getattr(Project, name) for name in _CHANGEABLE}
    with write_transaction() as connection:
        old = connection.execute(
            select(*columns.values()).where(Project.id == project_id, IS_ALIVE).with_for_update()
        ).one_or_none()
        if old is None:
            raise NotFound("There is no such project.")
        thresholds.check({**old._mapping, **values})
        changed = {name: new for name, new in values.items() if new != old._mapping[name]}
        if changed:
            connection.execute(update(Project).where(Project.id == project_id).values(changed))
            detail = {
                name: {"from": old._mapping[name], "to": new} for name, new in changed.items()
            }
            deed = AuditAction.PROJECT_CHANGED
            audit.record(connection, project_id, deed, actor=actor, now=now, changes=detail)


def mark_deleted(project_id: int, *, confirm: str, actor: str | None, now: datetime) -> None:
    """Gone for everybody from the commit on; its rows go after it, in the background.

    Raises Invalid unless `confirm` is the project's name, where a run of blanks is as good as one,
    since that is how pages show it; and NotFound.
    """
    with write_transaction() as connection:
        name = connection.execute(
            select(Project.name).where(Project.id == project_id, IS_ALIVE).with_for_update()
        ).scalar()
        if name is None:
            raise NotFound("There is no such project.")
        if name.split() != confirm.split():
            raise Invalid("confirm", "The confirm field must be the name of the project.")
        _mark(connection, project_id, actor, now)
    senders.forget_all()
    background_purge.wake()


def mark_owned(connection: Connection, account_id: int, *, now: datetime) -> None:
    """Delete all that an account owns; deleting the account then cascades to no project.

    `senders.forget_all` and `background_purge.wake` belong after the caller's commit.
    """
    owned = connection.execute(
        select(Project.id, Account.email)
        .join(Account, Account.id == Project.owner_id)
        .where(Project.owner_id == account_id, IS_ALIVE)
        .with_for_update(of=Project)
    ).all()
    for project_id, email in owned:
        _mark(connection, project_id, email, now)


def list_all() -> list[ProjectRow]:
    """Every project of the instance, oldest first; for whoever has its shell."""
    with read_transaction() as connection:
        rows = connection.execute(
            select(
                *columns_of(ProjectRow, Project, apart_from=["owner", "token_preview"]),
                Account.email.label("owner"),
                project_tokens.NEWEST_PREVIEW.label("token_preview"),
            )
            .join(Account, Account.id == Project.owner_id)
            .where(IS_ALIVE)
            .order_by(Project.id)
        ).all()
    return [ProjectRow(**row._mapping) for row in rows]


def names_owned_by(account_id: int) -> list[str]:
    """What goes when the account goes, oldest first."""
    owned = select(Project.name).where(Project.owner_id == account_id, IS_ALIVE)
    with read_transaction() as connection:
        return list(connection.execute(owned.order_by(Project.id)).scalars())


def require_exists(project_id: int) -> None:
    """Raises NotFound."""
    with read_transaction() as connection:
        found = connection.execute(
            select(Project.id).where(Project.id == project_id, IS_ALIVE)
        ).scalar()
    if found is None:
        raise NotFound(f"There is no project {project_id}.")


def _mark(connection: Connection, project_id: int, actor: str | None, now: datetime) -> None:
    """Its tokens and its key are dead even for code that would forget to ask for `IS_ALIVE`."""
    project_tokens.delete_all(connection, project_id)
    gone = {"deleted_at": now, "owner_id": None, "sentry_key": None}
    connection.execute(update(Project).where(Project.id == project_id).values(gone))
    audit.record(connection, project_id, AuditAction.PROJECT_DELETED, actor=actor, now=now)


def _refuse_tokens(values: Mapping[str, str | bool | float | None]) -> None:
    """Names are shown to every member and stay in the audit."""
    for name, value in values.items():
        if isinstance(value, str) and tokens.holds_token(value):
            raise Invalid(name, f"The {name.replace('_', ' ')} holds a token: keep it secret.")
