"""Projects and their tokens."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from app.database import read_transaction, write_transaction
from app.domain import tokens
from app.models import Account, Project
from app.services.errors import NotFound


@dataclass(frozen=True)
class ProjectToken:
    """`token` is what SDKs send; it cannot be read again later."""

    id: int
    name: str
    token: str


@dataclass(frozen=True)
class ProjectRow:
    id: int
    name: str
    platform: str | None
    owner: str
    token_preview: str
    created_at: datetime


def create(name: str, *, owner_id: int, now: datetime, platform: str | None = None) -> ProjectToken:
    token = tokens.new_project_token()
    with write_transaction() as connection:
        project_id = connection.execute(
            insert(Project).returning(Project.id),
            {
                "owner_id": owner_id,
                "name": name,
                "platform": platform,
                "token_digest": tokens.digest(token),
                "token_preview": tokens.token_preview(token),
                "created_at": now,
            },
        ).scalar_one()
    return ProjectToken(id=project_id, name=name, token=token)


def rotate_token(project_id: int) -> ProjectToken:
    """A new token; the old one is dead from the commit on, in every worker. Raises NotFound."""
    token = tokens.new_project_token()
    with write_transaction() as connection:
        name = connection.execute(
            update(Project)
            .where(Project.id == project_id)
            .values(token_digest=tokens.digest(token), token_preview=tokens.token_preview(token))
            .returning(Project.name)
        ).scalar()
    if name is None:
        raise NotFound(f"There is no project {project_id}.")
    return ProjectToken(id=project_id, name=name, token=token)


def list_all() -> list[ProjectRow]:
    """Every project of the instance, oldest first; for whoever has its shell."""
    with read_transaction() as connection:
        rows = connection.execute(
            select(
                Project.id,
                Project.name,
                Project.platform,
                Account.email.label("owner"),
                Project.token_preview,
                Project.created_at,
            )
            .join(Account, Account.id == Project.owner_id)
            .order_by(Project.id)
        ).all()
    return [ProjectRow(**row._mapping) for row in rows]


def find_by_token(token: str) -> int | None:
    """The id of the project that this token writes to, or None.

    Asked of the database each time: a cache would keep a rotated token alive elsewhere.
    """
    if not tokens.is_project_token(token):
        return None
    with read_transaction() as connection:
        return connection.execute(
            select(Project.id).where(Project.token_digest == tokens.digest(token))
        ).scalar()


def require_exists(project_id: int) -> None:
    """Raises NotFound."""
    with read_transaction() as connection:
        if connection.execute(select(Project.id).where(Project.id == project_id)).scalar() is None:
            raise NotFound(f"There is no project {project_id}.")


def require_owned(project_id: int, *, account_id: int) -> None:
    """Raises NotFound unless the account owns the project."""
    with read_transaction() as connection:
        found = connection.execute(
            select(Project.id).where(Project.id == project_id, Project.owner_id == account_id)
        ).scalar()
    if found is None:
        raise NotFound("There is no such project.")
