"""Whether an instance is fit to serve. Each problem is one line that says what to do."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.config import ConfigurationError, Settings, normal_database_url
from app.database import read_transaction
from app.database.engine import is_behind_pooler
from app.database.outage import this_outage
from app.database_causes import DAMAGED, failure_or_unknown
from app.extensions import MIGRATIONS_DIR
from app.limits.allowances import limit_storage_answers
from app.services.instance import future_rows
from app.services.instance.write_probe import write_failure

# What connecting can raise: for a refused connection, an impossible port, a missing folder.
UNREACHABLE = (DBAPIError, OSError, OverflowError)
# Stands among the migrations of a database while an instance is moving to it; no code knows it.
UNFINISHED_MOVE = "unfinished_move"
_LIMITS_APART = "Limits are counted per process until their store is back."
_AHEAD = "Reports count what came under a wrong clock as of days to come."
_MIGRATE = "run `pionne-feedback db upgrade`"


@dataclass(frozen=True)
class Check:
    """One thing that a serving instance needs.

    `problem` is None when all is well, else what to do. Anybody may read it: it names no address,
    no path and nobody's words. `effect` is how the instance serves without it, None where it
    cannot.
    """

    name: str
    problem: str | None
    effect: str | None = None

    @property
    def is_vital(self) -> bool:
        """Whether feedback is lost while this check fails."""
        return self.effect is None


def checks(settings: Settings, *, now: datetime) -> list[Check]:
    """The checks of a serving instance, made every few seconds."""
    unreachable, schema, writes, ahead = None, None, None, None
    try:
        with read_transaction() as connection:
            schema = schema_problem(connection)
            if schema is None and future_rows.are_some(connection, now=now):
                ahead = "There are rows of the future. `pionne-feedback doctor` says more."
    except UNREACHABLE as error:
        failure = failure_or_unknown(error)
        this_outage().note_failure(failure, now=now)
        unreachable = f"{failure.cause} `pionne-feedback doctor` says more."
        schema = writes = "Not known while the database cannot be read."
    else:
        if failed := write_failure(now=now):
            writes = f"{failed.cause} `pionne-feedback doctor` says more."
    return [
        Check("key", _key_problem(settings)),
        Check("database", unreachable),
        Check("migrations", schema),
        Check("writes", writes),
        Check("limiter", limiter_problem(), effect=_LIMITS_APART),
        Check("clock", ahead, effect=_AHEAD),
    ]


def _key_problem(settings: Settings) -> str | None:
    try:
        settings.require_app_key()
    except ConfigurationError:
        return "APP_KEY is missing or too short: set it. `pionne-feedback doctor` says more."
    return None


def startup_problems(settings: Settings, *, workers: int) -> Iterator[str]:
    """What must be mended before it serves with so many workers; empty when all is well."""
    try:
        settings.require_app_key()
    except ConfigurationError as error:
        yield str(error)
    if workers > 1 and settings.ratelimit_storage_uri.startswith("memory:"):
        yield (
            f"{workers} workers with RATELIMIT_STORAGE_URI=memory:// would each count limits for"
            " themselves: use one worker with threads, or a shared store such as"
            " redis://127.0.0.1:6379/0."
        )
    if problem := database_problem(settings):
        yield problem


def limiter_problem() -> str | None:
    """Why each process counts limits for itself; the service goes on, but somebody should act."""
    if limit_storage_answers():
        return None
    return "The store of RATELIMIT_STORAGE_URI does not answer: start it, or check the address."


def database_problem(settings: Settings) -> str | None:
    """Why the database cannot be used: not reachable, of another encoding than UTF-8, or not
    migrated to this code's schema."""
    if missing := missing_database(settings):  # connecting would make an empty one
        return missing
    try:
        with read_transaction() as connection:
            return encoding_problem(connection) or schema_problem(connection)
    except UNREACHABLE as error:
        return unreachable_problem(settings, error)


def missing_database(settings: Settings) -> str | None:
    """What to do on a fresh machine: there is no file, and no DATABASE_URL says where to look."""
    if not _is_in_usual_place(settings):
        return None
    try:
        os.stat(make_url(settings.database_url).database or "")
    except (FileNotFoundError, NotADirectoryError):
        return (
            f"There is no database in {settings.instance_dir}. Make one with `pionne-feedback`,"
            " which then serves it, or with `pionne-feedback db upgrade`; if there is one"
            " elsewhere, set INSTANCE_DIR."
        )
    except OSError:  # it may be there
        return None
    return None


def encoding_problem(connection: Connection) -> str | None:
    """Why the database cannot hold all text: only UTF-8 has all letters; SQL_ASCII checks none."""
    if connection.dialect.name != "postgresql":
        return None
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding == "UTF8":
        return None
    return (
        f"The database keeps text as {encoding}, which cannot be changed: create another one with"
        " `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`; what is in this one goes there by"
        " pg_dump."
    )


def lock_timeout_problem(connection: Connection) -> str | None:
    """Why a wait for a lock may never end; a pooler takes no such setting from the service."""
    if connection.exec_driver_sql("SHOW lock_timeout").scalar_one() != "0":
        return None
    role, database = connection.exec_driver_sql("SELECT current_user, current_database()").one()
    return (
        "Behind the pooler nothing ends a wait for a lock: `ALTER ROLE"
        f' "{role}" IN DATABASE "{database}" SET lock_timeout = \'3s\'`, then restart the pooler.'
    )


def pooler_problem(settings: Settings) -> str | None:
    """What a pooler between takes away; it serves all the same, but somebody should act."""
    if not is_behind_pooler(settings.database_url):
        return None
    with read_transaction() as connection:
        return lock_timeout_problem(connection)


def schema_problem(connection: Connection) -> str | None:
    """Why the tables do not fit this code; raises UNREACHABLE."""
    current = _revisions(connection)
    if current == newest_revisions():
        return None
    if not current:
        return f"The database has no tables yet: {_MIGRATE}."
    return (
        foreign_schema_problem(connection)
        or f"The database's schema is behind this code: {_MIGRATE}."
    )


def foreign_schema_problem(connection: Connection) -> str | None:
    """Why no migration of this code may touch the tables; raises UNREACHABLE."""
    current = _revisions(connection)
    if UNFINISHED_MOVE in current:
        return (
            "An instance is moving to this database and has not arrived: run `pionne-feedback move`"
            " again where it comes from."
        )
    if not current <= known_revisions():
        return (
            f"The database was migrated by a newer version of this code ({', '.join(current)}):"
            " install that version, or restore a backup."
        )
    return None


def _revisions(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def unreachable_problem(settings: Settings, error: Exception) -> str:
    """What to say about a failed connection, without the password of the URL."""
    reason = (str(getattr(error, "orig", error)).strip().splitlines() or ["no reason given"])[0]
    url = make_url(settings.database_url).render_as_string(hide_password=True)
    return f"The database {url} cannot be reached: {reason}. {_what_to_check(settings, error)}"


def _what_to_check(settings: Settings, error: Exception) -> str:
    if not _is_in_usual_place(settings):
        return "Check DATABASE_URL."
    if failure_or_unknown(error).cause is DAMAGED:
        return (
            "Stop what uses it, keep a copy, and put a backup in its place:"
            " `pionne-feedback restore FILE --replace`."
        )
    return (
        f"Check that {settings.instance_dir} (INSTANCE_DIR) is there, and that who runs this may"
        " write in it."
    )


def _is_in_usual_place(settings: Settings) -> bool:
    return settings.database_url == normal_database_url("", settings.instance_dir)


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS_DIR))


def migration_files() -> list[Path]:
    """Their names begin with the day on which they were written."""
    return [Path(script.path) for script in _scripts().walk_revisions()]


def newest_revisions() -> set[str]:
    return set(_scripts().get_heads())


def known_revisions() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}
