"""The extensions that are no room of their own, unbound, and what the app was made with."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import cast

from argon2 import PasswordHasher
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from app.config import Settings
from app.current import this_app


class Model(DeclarativeBase):
    """The base of all tables. Constraints have names, so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


db = SQLAlchemy(model_class=Model)
# A wheel has the folder in this package (setup.cfg), a checkout beside it.
_PACKAGED = Path(__file__).parent / "migrations"
MIGRATIONS_DIR = _PACKAGED if _PACKAGED.is_dir() else _PACKAGED.parent.parent / "migrations"
migrate = Migrate(directory=str(MIGRATIONS_DIR), compare_type=True, render_as_batch=True)

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time by the app's clock, which tests move."""
    return cast(Clock, this_app().extensions["clock"])()


def settings() -> Settings:
    """What this instance was told, by its environment or its settings file."""
    return cast(Settings, this_app().config["PIONNE"])


def password_hasher() -> PasswordHasher:
    return cast(PasswordHasher, current_app.extensions["password_hasher"])


def init_extensions(app: Flask, *, clock: Clock, password_hasher: PasswordHasher) -> None:
    app.extensions["clock"] = clock
    app.extensions["password_hasher"] = password_hasher
    db.init_app(app)
    migrate.init_app(app, db)
