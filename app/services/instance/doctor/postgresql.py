"""A PostgreSQL server, asked in a session that cannot write."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, NullPool, create_engine, text

from app.database.engine import connect_options, is_behind_pooler
from app.database_causes import NO_PERMISSION, READ_ONLY
from app.extensions import Model
from app.services.instance.doctor.findings import Finding, fine, problem, reason, warning
from app.services.instance.readiness import UNREACHABLE, encoding_problem, lock_timeout_problem

_CONNECT_SECONDS = 5
# The oldest version that still gets fixes.
_OLDEST_MAJOR = 14
# What each setting must be, so that an acknowledged write survives a power cut.
_DURABLE = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
}


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """Raises DBAPIError.

    Its transactions are read-only, and not its session: that would hide whether the server's are,
    and a pooler does not take it.
    """
    engine = create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={
            **connect_options(url),
            "connect_timeout": _CONNECT_SECONDS,
        },
    )
    with engine.connect().execution_options(postgresql_readonly=True) as connection:
        yield connection


def check_version(connection: Connection) -> Finding:
    version = _show(connection, "server_version")
    if int(_show(connection, "server_version_num")) // 10_000 < _OLDEST_MAJOR:
        return warning(
            "database",
            f"PostgreSQL {version} gets no more fixes: upgrade to {_OLDEST_MAJOR} or newer.",
        )
    return fine("database", f"PostgreSQL {version} answers.")


def check_encoding(connection: Connection) -> Finding:
    if unfit := encoding_problem(connection):
        return problem("encoding", unfit)
    return fine("encoding", "Text is kept as UTF-8.")


def check_durability(connection: Connection) -> Iterator[Finding]:
    found = {name: _show(connection, name) for name in _DURABLE}
    loose = [f"{name} is {value}" for name, value in found.items() if value not in _DURABLE[name]]
    if loose:
        yield problem(
            "journal",
            f"{', '.join(loose)}: a power cut loses feedback that was acknowledged; set it to on.",
        )
    else:
        yield fine("journal", "The server waits for the disk at each commit.")


def check_writes(connection: Connection) -> Iterator[Finding]:
    """Why the service cannot write to this server; this session of ours never can."""
    asked = text(
        "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on',"
        " coalesce(bool_or(NOT has_table_privilege(oid, 'INSERT')), false)"
        " FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace('public')"
        " AND relname = ANY(:names)"
    )
    reads_only, lacks_right = connection.execute(
        asked, {"names": list(Model.metadata.tables)}
    ).one()
    if reads_only:
        yield problem("writes", str(READ_ONLY))
    elif lacks_right:
        yield problem("writes", str(NO_PERMISSION))


def check_waiting(connection: Connection, url: str) -> Iterator[Finding]:
    """Whether a wait for a lock ends; without a pooler the service sees to that itself."""
    if not is_behind_pooler(url):
        return
    if missing := lock_timeout_problem(connection):
        yield problem("pooler", missing)
    else:
        timeout = _show(connection, "lock_timeout")
        yield fine("pooler", f"A wait for a lock ends after {timeout}, behind the pooler, too.")


def check_direct(connection: Connection, url: str, direct_url: str) -> Iterator[Finding]:
    """Whether backups and migrations find a way past the pooler, and the same database."""
    if not direct_url:
        if is_behind_pooler(url):
            yield warning(
                "direct",
                "DATABASE_URL leads to a pooler, and so do backups and `pionne-feedback db"
                " upgrade`: set DATABASE_DIRECT_URL to the server itself.",
            )
        return
    try:
        with reading(direct_url) as direct:
            is_same = _identity(direct) == _identity(connection)
    except UNREACHABLE as error:
        yield problem("direct", f"DATABASE_DIRECT_URL cannot be reached: {reason(error)}.")
        return
    if is_same:
        yield fine("direct", "Backups and migrations reach the same database past the pooler.")
    else:
        yield problem(
            "direct",
            "DATABASE_DIRECT_URL is another database than DATABASE_URL, and it is the one that is"
            " backed up and migrated: let both name the same.",
        )


def _identity(connection: Connection) -> tuple[object, ...]:
    asked = "SELECT current_database(), pg_postmaster_start_time()"
    return tuple(connection.exec_driver_sql(asked).one())


def check_integrity(connection: Connection) -> Iterator[Finding]:
    """Damage that the server itself has noticed; it offers no quick check of everything."""
    failures = connection.exec_driver_sql(
        "SELECT coalesce(sum(checksum_failures), 0) FROM pg_stat_database"
    ).scalar_one()
    if failures:
        yield problem(
            "integrity",
            f"The server read {failures} damaged pages: restore a backup, and test the disk.",
        )
    elif _show(connection, "data_checksums") != "on":
        yield fine(
            "integrity",
            "The server notices no damage by itself: `pg_checksums --enable` has it look.",
        )
    else:
        yield fine("integrity", "The server has read no damaged page.")


def _show(connection: Connection, name: str) -> str:
    return str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())
