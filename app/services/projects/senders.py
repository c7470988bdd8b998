"""Whose project an SDK's token or key writes to: looked up once, and checked with every answer.

A look-up has a connection and a snapshot of its own and costs as much as storing does. So each
process remembers the answer, and what stores looks, in the same statement, whether it still holds;
whoever refuses a request for another reason asks again first. A token that was revoked elsewhere is
dead at once all the same (docs/decisions/0066-tokens-are-checked-with-the-write.md). A key of the
Sentry dialect is asked for together with its project, and held by the transaction that stores.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import Flask
from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, func, select

from app.current import this_app
from app.database import single_statements
from app.database.prepared import Prepared
from app.domain import tokens
from app.domain.sentry.credentials import is_key
from app.models import Project, ProjectToken
from app.models.projects import IS_ALIVE
from app.services.errors import NotFound, UnknownProjectToken

MAX_REMEMBERED = 20_000

# Built once: requests ask this, and building it costs more than executing it.
_BY_TOKEN = Prepared(lambda _: _with_digest())
_KEEP_BY_TOKEN = Prepared(lambda _: _with_digest().with_for_update(read=True, key_share=True))
_BY_ID = Prepared(lambda _: select(Project.id).where(Project.id == bindparam("project_id")))
_BY_KEY = Prepared(lambda _: _with_key())
_KEEP_BY_KEY = Prepared(lambda _: _with_key().with_for_update(read=True, key_share=True))


@dataclass(frozen=True)
class Sender:
    """A project, for as long as the token is its own, or the key where it has no token.

    `token_digest` has 32 bytes.
    """

    project_id: int
    token_digest: bytes | None = field(repr=False)
    sentry_key: str | None = field(repr=False, default=None)


_Remembered = dict[bytes | tuple[int, str], Sender]


def _with_digest() -> Select[int]:
    return (
        select(Project.id)
        .join(ProjectToken, ProjectToken.project_id == Project.id)
        .where(ProjectToken.digest == bindparam("digest"), IS_ALIVE)
    )


def _with_key() -> Select[int]:
    is_it = (Project.id == bindparam("project_id")) & (Project.sentry_key == bindparam("key"))
    return select(Project.id).where(is_it, IS_ALIVE)


def init_senders(app: Flask) -> None:
    app.extensions["senders"] = {}
    app.extensions["last_uses"] = {}


def find(token: str) -> Sender | None:
    """Who sends with this token; None for one that is nobody's, asked of the database each time."""
    if not tokens.is_project_token(token):
        return None
    digest = tokens.digest(token)
    remembered = _remembered()
    sender = remembered.get(digest)
    if sender is None:
        with single_statements() as connection:
            project_id: int | None = _BY_TOKEN.value(connection, {"digest": digest})
        if project_id is not None:
            sender = _remember(digest, Sender(project_id, digest))
    return sender


def find_by_key(project_id: int, key: str) -> Sender | None:
    """Who sends to this project with this key, or with a token in its place.

    None when it is not the project's; that is asked of the database each time.
    """
    if not is_key(key):
        sender = find(key)
        return sender if sender and sender.project_id == project_id else None
    sender = _remembered().get((project_id, key))
    if sender is None:
        with single_statements() as connection:
            found = _BY_KEY.value(connection, {"project_id": project_id, "key": key})
        if found is not None:
            sender = _remember((project_id, key), Sender(project_id, None, key))
    return sender


def _remember(by: bytes | tuple[int, str], sender: Sender) -> Sender:
    remembered = _remembered()
    if len(remembered) >= MAX_REMEMBERED:
        remembered.clear()
    remembered[by] = sender
    return sender


def is_first_use(sender: Sender, *, hour: datetime) -> bool:
    """Whether this process has not met the token in this hour yet; from now on it has.

    Never of a key: no hour of its last use is kept.
    """
    if sender.token_digest is None:
        return False
    last_uses = cast(dict[bytes, datetime], this_app().extensions["last_uses"])
    if last_uses.get(sender.token_digest) == hour:
        return False
    if len(last_uses) >= MAX_REMEMBERED:
        last_uses.clear()
    last_uses[sender.token_digest] = hour
    return True


def forget_all() -> None:
    """After a token or a key went, or its project, by this process."""
    _remembered().clear()


def still_holds(*, project: str = "project_id") -> ColumnElement[bool]:
    """For statements that store, with the values `project_id` and `token_digest` (None: any).

    `project` is another name for the first: an UPDATE takes that of a column for a new value.

    On PostgreSQL it keeps token and project until the commit, or waits for whoever is changing
    them: else a foreign key would wait for that, and store when it is over.
    """
    return exists(_holding(project).with_for_update(read=True, key_share=True))


def holds() -> ColumnElement[bool]:
    """For statements that only look, with the values of `still_holds`.

    Tells whether the token is the project's, and waits for nobody who is changing either.
    """
    return exists(_holding("project_id"))


def _holding(project: str) -> Select[int]:
    digest = bindparam("token_digest", type_=ProjectToken.digest.type)
    return (
        select(Project.id)
        .join(ProjectToken, ProjectToken.project_id == Project.id)
        .where(
            Project.id == bindparam(project),
            # Compare with the token itself where no digest is given. PostgreSQL would plan the
            # usual form, `digest IS NULL OR …`, anew at each run.
            ProjectToken.digest == func.coalesce(digest, ProjectToken.digest),
        )
    )


def check(connection: Connection, project_id: int, token_digest: bytes | None) -> None:
    """Raises UnknownProjectToken when the token is not the project's, or this is deleted.

    Without a token, NotFound when there is no such project. The token stays until the commit.
    """
    if token_digest is None:
        if _BY_ID.value(connection, {"project_id": project_id}) is None:
            raise NotFound("There is no such project.")
    elif _KEEP_BY_TOKEN.value(connection, {"digest": token_digest}) != project_id:
        _remembered().pop(token_digest, None)
        raise UnknownProjectToken


def hold(connection: Connection, sender: Sender) -> None:
    """Raises UnknownProjectToken when token or key is not the project's any more.

    Call it first in a transaction that stores: both stay until the commit, so what is stored in it
    needs to ask for no token.
    """
    if sender.sentry_key is None:
        check(connection, sender.project_id, sender.token_digest)
        return
    of_key = {"project_id": sender.project_id, "key": sender.sentry_key}
    if _KEEP_BY_KEY.value(connection, of_key) is None:
        _remembered().pop((sender.project_id, sender.sentry_key), None)
        raise UnknownProjectToken


def is_known(sender: Sender) -> bool:
    """Whether token or key still hold, for a request that stores nothing; locks nothing."""
    key = sender.sentry_key
    with single_statements() as connection:
        if key is None:
            found: int | None = _BY_TOKEN.value(connection, {"digest": sender.token_digest})
        else:
            of_key = {"project_id": sender.project_id, "key": key}
            found = _BY_KEY.value(connection, of_key)
    if found != sender.project_id:
        by = sender.token_digest if key is None else (sender.project_id, key)
        _remembered().pop(cast("bytes | tuple[int, str]", by), None)
        return False
    return True


def _remembered() -> _Remembered:
    """By the digests of their tokens, or by project and key."""
    return cast(_Remembered, this_app().extensions["senders"])
