"""Reads the settings from environment variables and a settings file.

The only reader of the environment.
"""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.config.file import parse_settings
from app.config.settings import MIN_METRICS_TOKEN_CHARS, ConfigurationError, Settings

# Of Linux's sockaddr_un, without the zero at its end.
_MAX_SOCKET_PATH_BYTES = 107


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables; an empty one counts as not set.

    Raises ConfigurationError naming the variable that cannot be read.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    if path := given.get("SETTINGS_FILE"):
        given = _read_settings_file(Path(path)) | given
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Settings):
        raw = given.get(field.metadata["name"]) or field.metadata["default"]
        values[field.name] = _parse(raw, field)
    if "INSTANCE_DIR" not in given:
        values["instance_dir"] = _usual_instance_dir(given)
    values["instance_dir"] = values["instance_dir"].absolute()
    if "APP_KEY_FILE" not in given:
        values["app_key_file"] = values["instance_dir"] / "app.key"
    if not values["app_key"]:
        values["app_key"] = _read_key_file(values["app_key_file"])
    values["host"] = _host(values["host"])
    values["database_url"] = normal_database_url(values["database_url"], values["instance_dir"])
    values["database_direct_url"] = _direct_url(values)
    values["log_level"] = _log_level(values["log_level"])
    values["metrics_token"] = _metrics_token(values["metrics_token"])
    values["registration"] = _registration(values["registration"])
    values["sentry_quiet"] = _on_or_off("SENTRY_QUIET", values["sentry_quiet"])
    return Settings(**values)


def _usual_instance_dir(given: Mapping[str, str]) -> Path:
    """The checkout's own folder; for a wheel, which has none, where its user keeps such data."""
    package = Path(__file__).parent.parent
    if not (package / "migrations").is_dir():  # which only a wheel has there
        return package.parent / "instance"
    try:
        data_home = Path(given.get("XDG_DATA_HOME", ""))
        if not data_home.is_absolute():  # as the XDG specification wants it
            data_home = Path.home() / ".local" / "share"
    except RuntimeError:
        raise ConfigurationError(
            "INSTANCE_DIR is not set, and this user has no home: say where the data should be."
        ) from None
    return data_home / "pionne-feedback"


def _parse(raw: str, field: "dataclasses.Field[Any]") -> Any:
    name = field.metadata["name"]
    if field.type is int:
        lowest, highest = field.metadata["lowest"], field.metadata["highest"]
        is_number = raw.isascii() and raw.isdigit() and len(raw) <= len(str(highest))
        if not is_number or not lowest <= int(raw) <= highest:
            raise ConfigurationError(
                f"{name} must be a whole number from {lowest} to {highest}, not {raw!r}."
            )
        return int(raw)
    if field.type is Path:
        return Path(raw)
    if field.type is str:
        return raw
    if names := tuple(part.strip() for part in raw.split(",") if part.strip()):
        return names
    raise ConfigurationError(f"{name} must name at least one, not {raw!r}.")


def _read_settings_file(path: Path) -> dict[str, str]:
    known = {field.metadata["name"] for field in dataclasses.fields(Settings)} - {"SETTINGS_FILE"}
    try:
        return parse_settings(path.read_text(encoding="utf-8"), known=known)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"SETTINGS_FILE {path} cannot be read: {error}.") from error


def _read_key_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read as a key: {error}.") from error


def normal_database_url(raw: str, instance_dir: Path, *, name: str = "DATABASE_URL") -> str:
    """The URL as SQLAlchemy wants it; empty is SQLite in the folder. Raises ConfigurationError.

    `name` is the setting's, for the message.
    """
    if not raw:
        url = URL.create("sqlite", database=str(instance_dir / "pionne.db"))
    else:
        try:
            url = make_url(raw)
        except (ArgumentError, ValueError):
            raise ConfigurationError(
                f"{name} is no database's URL, such as postgresql://user:password@host/name."
            ) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ConfigurationError(f"{name} must be for sqlite or postgresql, not {url.drivername}.")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise ConfigurationError(f"{name} must name a file, such as sqlite:////srv/pionne.db.")
    if url.query.get("prepare_threshold", "none") != "none":
        raise ConfigurationError(f"{name}: prepare_threshold can only be none.")
    return url.render_as_string(hide_password=False)


def _direct_url(values: Mapping[str, Any]) -> str:
    """Empty, or the address of a PostgreSQL and of nothing between."""
    if not values["database_direct_url"]:
        return ""
    name = "DATABASE_DIRECT_URL"
    url = normal_database_url(values["database_direct_url"], values["instance_dir"], name=name)
    if not all(each.startswith("postgresql") for each in (url, values["database_url"])):
        raise ConfigurationError(f"{name} is for PostgreSQL, where DATABASE_URL is a pooler's.")
    if "prepare_threshold" in make_url(url).query:
        raise ConfigurationError(f"{name} leads past the pooler: leave prepare_threshold out.")
    return url


def _host(raw: str) -> str:
    """A path is made whole: gunicorn would take a relative one from wherever it runs."""
    kind, _, path = raw.partition(":")
    if kind != "unix":
        return raw
    whole = Path(path).absolute()
    if not path or len(os.fsencode(whole)) > _MAX_SOCKET_PATH_BYTES:
        raise ConfigurationError(
            "HOST must name a socket of at most"
            f" {_MAX_SOCKET_PATH_BYTES} bytes, such as unix:/run/pionne-feedback/web.sock."
        )
    return f"unix:{whole}"


def _log_level(raw: str) -> str:
    level = raw.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ConfigurationError(
            f"LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {raw!r}."
        )
    return level


def _metrics_token(raw: str) -> str:
    if raw and (len(raw) < MIN_METRICS_TOKEN_CHARS or not raw.isascii() or not raw.isprintable()):
        raise ConfigurationError(
            f"METRICS_TOKEN must have {MIN_METRICS_TOKEN_CHARS} or more characters, all of them"
            " ASCII: make one with `python3 -c 'import secrets; print(secrets.token_hex(20))'`."
        )
    return raw


def _on_or_off(name: str, raw: str) -> str:
    word = raw.strip().lower()
    if word not in {"on", "off"}:
        raise ConfigurationError(f"{name} must be on or off, not {raw!r}.")
    return word


def _registration(raw: str) -> str:
    mode = raw.lower()
    if mode not in {"first", "open", "closed"}:
        raise ConfigurationError(f"REGISTRATION must be first, open or closed, not {raw!r}.")
    return mode
