"""Which projects and accounts the command `demo` made, so that it can take them away again.

They are marked by id among the milestones. No name or address marks them: people may call a project
as they like. Ids are never given out twice, so a mark that outlives its row names nothing else.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from app.database import read_transaction, write_transaction
from app.models import Account, Milestone, Project
from app.models.projects import IS_ALIVE

_PROJECT_MARK = "demo:p"
_ACCOUNT_MARK = "demo:a"


@dataclass(frozen=True)
class DemoProject:
    id: int
    name: str
    owner_id: int
    owner: str


@dataclass(frozen=True)
class DemoAccount:
    id: int
    email: str


@dataclass(frozen=True)
class Demo:
    """What is still there of it, oldest first; what people deleted themselves is not."""

    projects: list[DemoProject]
    accounts: list[DemoAccount]


def mark_project(project_id: int, *, now: datetime) -> None:
    _mark(f"{_PROJECT_MARK}{project_id}", now)


def mark_account(account_id: int, *, now: datetime) -> None:
    _mark(f"{_ACCOUNT_MARK}{account_id}", now)


def find() -> Demo:
    with read_transaction() as connection:
        marks = connection.execute(
            select(Milestone.name).where(Milestone.name.startswith("demo:"))
        ).scalars()
        names = sorted(marks)
        projects = connection.execute(
            select(Project.id, Project.name, Project.owner_id, Account.email)
            .join(Account, Account.id == Project.owner_id)
            .where(Project.id.in_(_ids(names, _PROJECT_MARK)), IS_ALIVE)
            .order_by(Project.id)
        ).all()
        accounts = connection.execute(
            select(Account.id, Account.email)
            .where(Account.id.in_(_ids(names, _ACCOUNT_MARK)))
            .order_by(Account.id)
        ).all()
    return Demo(
        projects=[DemoProject(*row) for row in projects],  # type: ignore[arg-type]
        accounts=[DemoAccount(*row) for row in accounts],
    )


def has_project() -> bool:
    """Whether the pages should tell how to take a demo away."""
    return bool(find().projects)


def forget_what_is_gone() -> None:
    """Take the marks away whose project or account is no more."""
    left = find()
    names = [
        *(f"{_PROJECT_MARK}{project.id}" for project in left.projects),
        *(f"{_ACCOUNT_MARK}{account.id}" for account in left.accounts),
    ]
    is_mark = Milestone.name.startswith("demo:")
    with write_transaction() as connection:
        connection.execute(delete(Milestone).where(is_mark, Milestone.name.not_in(names)))


def _mark(name: str, now: datetime) -> None:
    with write_transaction() as connection:
        connection.execute(insert(Milestone), {"name": name, "reached_at": now})


def _ids(names: list[str], mark: str) -> list[int]:
    return [int(name.removeprefix(mark)) for name in names if name.startswith(mark)]
