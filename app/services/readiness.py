"""Whether an instance is fit to serve. Each problem is one line that says what to do."""

from collections.abc import Iterator
from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.config import ConfigurationError, Settings
from app.database import read_transaction
from app.extensions import MIGRATIONS_DIR, limit_storage_answers

# What connecting can raise: the driver's refusal, a port that is none, a folder that is missing.
UNREACHABLE = (DBAPIError, OSError, OverflowError)
_MIGRATE = "run `make migrate` (or `flask --app wsgi db upgrade`)"


def startup_problems(settings: Settings, *, workers: int) -> Iterator[str]:
    """What speaks against serving with so many worker processes; nothing when all is well."""
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
    """Why each process counts limits for itself: no reason not to serve, but one to act."""
    if limit_storage_answers():
        return None
    return "The store of RATELIMIT_STORAGE_URI does not answer: start it, or check the address."


def database_problem(settings: Settings) -> str | None:
    """Why the database cannot be used: not reachable, or not migrated to this code's schema."""
    try:
        with read_transaction() as connection:
            current = set(MigrationContext.configure(connection).get_current_heads())
    except UNREACHABLE as error:
        return unreachable_problem(settings, error)
    wanted = _newest_revisions()
    if current == wanted:
        return None
    if not current:
        return f"The database has no tables yet: {_MIGRATE}."
    if not current <= _known_revisions():
        return (
            f"The database was migrated by a newer version of this code ({', '.join(current)}):"
            " install that version, or restore a backup."
        )
    return f"The database's schema is behind this code: {_MIGRATE}."


def unreachable_problem(settings: Settings, error: Exception) -> str:
    """What to say of a failed connection; the password of the URL is not in it."""
    reason = (str(getattr(error, "orig", error)).strip().splitlines() or ["no reason given"])[0]
    url = make_url(settings.database_url).render_as_string(hide_password=True)
    return f"The database {url} cannot be reached: {reason}. Check DATABASE_URL."


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS_DIR))


def _newest_revisions() -> set[str]:
    return set(_scripts().get_heads())


def _known_revisions() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}
