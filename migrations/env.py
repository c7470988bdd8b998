"""Runs migrations on the app's own engine, in one transaction, and deletes nothing in silence."""

import os
import sys

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine, create_engine

import app.models  # noqa: F401  # fills the metadata
from app.database.engine import engine_options
from app.models.columns import UtcDateTime
from app.services.instance.kept_id_marks import keeping_id_marks
from app.services.instance.readiness import (
    UNREACHABLE,
    encoding_problem,
    foreign_schema_problem,
    unreachable_problem,
)
from app.services.instance.schema_losses import ALLOWED_BY, noting_losses, refusal


def render_item(type_: str, item: object, autogen_context: object) -> str | bool:
    """Migrations name the database's types: the classes of the app may change later."""
    if type_ == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def suspend_foreign_keys(connection: Connection, *, suspended: bool) -> None:
    """SQLite alters a table by copying it and dropping the old one, which would cascade.

    Only has an effect between transactions, so it goes past SQLAlchemy, which would begin one.
    """
    if connection.dialect.name == "sqlite":
        state = "OFF" if suspended else "ON"
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys = {state}")


def engine() -> Engine:
    """The app's own, or one past a pooler: a migration is a long session with one connection."""
    if not (url := settings.database_direct_url):
        return extension.db.engine
    options = engine_options(
        url=url,
        threads=1,
        sqlite_busy_seconds=settings.sqlite_busy_seconds,
        postgresql_busy_seconds=settings.postgresql_busy_seconds,
    )
    return create_engine(url, **options)


def connect() -> Connection:
    """To a database that takes this service's text, or the end with one line."""
    try:
        # Migrating makes a database, so it makes the folder too; it will hold personal data.
        settings.instance_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Another database than the app's own, when an instance moves there.
        elsewhere = context.config.attributes.get("connection")
        connection = elsewhere or engine().connect()
        unfit = encoding_problem(connection)
        if not elsewhere:
            unfit = unfit or foreign_schema_problem(connection)
    except UNREACHABLE as error:
        sys.exit(unreachable_problem(settings, error))
    if unfit:
        connection.close()
        sys.exit(unfit)
    connection.rollback()  # asking began a transaction
    return connection


def migrate(connection: Connection) -> None:
    suspend_foreign_keys(connection, suspended=True)
    try:
        context.configure(
            connection=connection,
            target_metadata=extension.db.metadatas[None],
            render_item=render_item,
            transactional_ddl=True,  # on SQLite too, where alembic does not expect it
            **extension.configure_args,
        )
        with context.begin_transaction(), noting_losses() as losses:
            with keeping_id_marks(connection):
                context.run_migrations()
            if losses and ALLOWED_BY not in context.get_x_argument():
                sys.exit(refusal(losses))
        for loss in losses:
            print(f"Deleted {loss}.", file=sys.stderr)
    finally:
        suspend_foreign_keys(connection, suspended=False)


settings = current_app.config["PIONNE"]
extension = current_app.extensions["migrate"]
previous_umask = os.umask(0o077)  # for what SQLite makes, too
try:
    with connect() as opened:
        migrate(opened)
finally:
    os.umask(previous_umask)
