"""Every setting of the service: its name in the environment, unit, default and reason.

docs/configuration.md has a table of the descriptions below (`make docs`), so a setting that is not
described here does not exist.
"""

import dataclasses
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

MIN_APP_KEY_CHARS = 32
MIN_METRICS_TOKEN_CHARS = 16


class ConfigurationError(Exception):
    """A setting that cannot be used; the message is one line that says what to do."""


def _setting(
    name: str,
    default: str,
    unit: str,
    why: str,
    *,
    secret: bool = False,
    lowest: int = 0,
    highest: int = 2**31 - 1,
) -> Any:
    """A setting; `lowest` and `highest` bound whole numbers."""
    described = {"name": name, "default": default, "unit": unit, "why": why}
    return dataclasses.field(
        metadata={**described, "lowest": lowest, "highest": highest}, repr=not secret
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one instance, read once at startup."""

    settings_file: str = _setting(
        "SETTINGS_FILE",
        "",
        "file",
        "More of these settings, a `NAME=value` a line; what is in the environment wins. A reload"
        " (SIGHUP) reads it again.",
    )
    host: str = _setting(
        "HOST",
        "127.0.0.1",
        "address, or `unix:` and a path",
        "Where gunicorn listens; put nginx before anything public. With `unix:/run/…/web.sock` it"
        " listens on that socket, and `PORT` counts for nothing.",
    )
    port: int = _setting("PORT", "8000", "port", "Where gunicorn listens.", lowest=1, highest=65535)
    workers: int = _setting(
        "WEB_CONCURRENCY",
        "1",
        "processes",
        "More than one needs a shared `RATELIMIT_STORAGE_URI`, or limits would be counted per"
        " process.",
        lowest=1,
        highest=1000,
    )
    trusted_proxies: int = _setting(
        "TRUSTED_PROXIES",
        "0",
        "proxies",
        "How many proxies of yours stand in front; so many hops of `X-Forwarded-For` and `-Proto`"
        " are believed. With nginx in front set 1, or all users share one address.",
        highest=100,
    )
    threads: int = _setting(
        "THREADS",
        "8",
        "threads per process",
        "Requests one process answers at the same time.",
        lowest=1,
        highest=1000,
    )
    instance_dir: Path = _setting(
        "INSTANCE_DIR",
        "",
        "folder",
        "Holds the SQLite database and the generated key. Empty: `instance` in a checkout, else"
        " `$XDG_DATA_HOME/pionne-feedback`, which is `~/.local/share/pionne-feedback` by default.",
    )
    database_url: str = _setting(
        "DATABASE_URL",
        "",
        "URL",
        "Empty: SQLite in `INSTANCE_DIR`. The last 10 minutes of duplicates live here too, so all"
        " hosts share one.",
        secret=True,
    )
    database_direct_url: str = _setting(
        "DATABASE_DIRECT_URL",
        "",
        "URL",
        "The same database past a pooler, for backups and `pionne-feedback db upgrade`, where"
        " `DATABASE_URL` leads to PgBouncer. Empty: `DATABASE_URL`.",
        secret=True,
    )
    app_key: str = _setting(
        "APP_KEY",
        "",
        "text, 32 characters or more",
        "Keys the hash of client addresses and the console's cookie; changing it forgets recent"
        " duplicates and wrong passwords and logs browsers out, nothing else. Empty: read from"
        " `APP_KEY_FILE`.",
        secret=True,
    )
    app_key_file: Path = _setting(
        "APP_KEY_FILE",
        "",
        "file",
        "Empty: `app.key` in `INSTANCE_DIR`, which a first start creates with mode 0600.",
    )
    ratelimit_storage_uri: str = _setting(
        "RATELIMIT_STORAGE_URI",
        "memory://",
        "URL",
        "Where rate limits are counted: `memory://` for one process, `redis://…` (also for Valkey)"
        " for many. While that is away, each process counts for itself.",
        secret=True,
    )
    blueprints: tuple[str, ...] = _setting(
        "BLUEPRINTS",
        "ingest,sentry,dashboard,accounts,documentation,operations,console",
        "names, comma-separated",
        "The plugins that are on, in order: ours, or installed entry points of the group"
        " `pionne_feedback.blueprints`.",
    )
    registration: str = _setting(
        "REGISTRATION",
        "first",
        "`first`, `open` or `closed`",
        "Who may register over the API. `first`: only who comes first, later with an invitation;"
        " `open`: anybody; `closed`: nobody, accounts come from `pionne-feedback accounts"
        " create`.",
    )
    duplicate_window_seconds: int = _setting(
        "DUPLICATE_WINDOW_SECONDS",
        "600",
        "seconds",
        "The same message from the same address, by the same name and e-mail, within this time is"
        " stored once; 0 stores all.",
        highest=31_536_000,
    )
    event_retention_days: int = _setting(
        "EVENT_RETENTION_DAYS",
        "30",
        "days",
        "`pionne-feedback retention run` deletes older events; issues and their counts stay."
        " 0 keeps all.",
    )
    session_retention_days: int = _setting(
        "SESSION_RETENTION_DAYS",
        "90",
        "days",
        "The same for raw sessions and their figures; reports reach back 90 days. 0 keeps all.",
    )
    feedback_retention_days: int = _setting(
        "FEEDBACK_RETENTION_DAYS", "0", "days", "The same for feedback; 0 keeps it for ever."
    )
    address_hash_retention_days: int = _setting(
        "ADDRESS_HASH_RETENTION_DAYS",
        "30",
        "days",
        "The same for the address hashes of feedback, which itself stays. 0 keeps all.",
    )
    loss_retention_days: int = _setting(
        "LOSS_RETENTION_DAYS",
        "90",
        "days",
        "The same for the counts of what was refused or lost; they are told for 90 days. 0 keeps"
        " all.",
    )
    new_releases_per_day: int = _setting(
        "NEW_RELEASES_PER_DAY",
        "200",
        "names",
        "How many names of releases may be new in a project in a UTC day. Sessions and events of"
        " more are counted in the release `other`, and as losses.",
        lowest=1,
    )
    new_environments_per_day: int = _setting(
        "NEW_ENVIRONMENTS_PER_DAY",
        "50",
        "names",
        "The same for names of environments.",
        lowest=1,
    )
    new_issues_per_day: int = _setting(
        "NEW_ISSUES_PER_DAY",
        "1000",
        "issues",
        "How many issues may be new in a project in a UTC day. Further events that no issue knows"
        " are counted in the issue `other`, and as losses.",
        lowest=1,
    )
    max_body_bytes: int = _setting(
        "MAX_BODY_BYTES",
        "1048576",
        "bytes",
        "Larger request bodies are refused with 413; the wire contract asks for 1 MiB.",
        lowest=16_384,
    )
    max_event_body_bytes: int = _setting(
        "MAX_EVENT_BODY_BYTES",
        "8388608",
        "bytes",
        "The same for events (`/ingest`), which may carry a picture; nginx has the same number."
        " What is kept of an event is bounded apart from this.",
        lowest=16_384,
        highest=64 * 1024 * 1024,
    )
    event_bytes_per_day: int = _setting(
        "EVENT_BYTES_PER_DAY",
        "200000000",
        "bytes",
        "So much content of events is kept of a project in a UTC day; further events are counted in"
        " their issues, and kept without content. 0 is no bound.",
        highest=2**62,
    )
    sentry_quiet: str = _setting(
        "SENTRY_QUIET",
        "on",
        "`on` or `off`",
        "`on`: SDKs of the Sentry dialect that send what is not kept here (transactions, replays,"
        " logs) are told to hold that back for an hour.",
    )
    sqlite_busy_seconds: int = _setting(
        "SQLITE_BUSY_SECONDS",
        "3",
        "seconds",
        "How long a write waits its turn in this process, and again for other processes that hold"
        " SQLite's lock, before it answers 503.",
        highest=600,
    )
    postgresql_busy_seconds: int = _setting(
        "POSTGRESQL_BUSY_SECONDS",
        "3",
        "seconds",
        "How long a statement waits for what others hold locked, and a new connection for the"
        " server, before it answers 503.",
        highest=600,
    )
    metrics_token: str = _setting(
        "METRICS_TOKEN",
        "",
        "text, 16 characters or more",
        "What Prometheus sends as `Authorization: Bearer …` to read `/metrics`. Empty: nobody reads"
        " it.",
        secret=True,
    )
    log_level: str = _setting(
        "LOG_LEVEL", "INFO", "level", "`INFO` logs one line a request; `WARNING` only problems."
    )

    @property
    def bind_address(self) -> str:
        """Where gunicorn listens, as it wants it written."""
        return self.host if self.unix_socket else f"{_bracketed(self.host)}:{self.port}"

    @property
    def unix_socket(self) -> Path | None:
        """The socket in the file system that gunicorn listens on; None where it is a port."""
        kind, _, path = self.host.partition(":")
        return Path(path) if kind == "unix" else None

    @property
    def is_open_to_network(self) -> bool:
        """Whether other machines may reach what gunicorn listens on."""
        if self.unix_socket or self.host == "localhost":
            return False
        try:
            return not ip_address(self.host).is_loopback
        except ValueError:  # a name
            return True

    @property
    def local_url(self) -> str:
        """Where a browser on this machine finds the service; "all addresses" is not a place.

        On a socket no browser does; it is then where a proxy in front usually is.
        """
        if self.unix_socket:
            return "http://localhost"
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{_bracketed(host)}:{self.port}"

    def require_app_key(self) -> bytes:
        """The key for address hashes; raises ConfigurationError when missing or short."""
        if not self.app_key and self.app_key_file.is_file():
            raise ConfigurationError(
                f"APP_KEY is not set and {self.app_key_file} is empty: put back the key that was in"
                " it, or delete the file and let `pionne-feedback` make another."
            )
        if not self.app_key:
            raise ConfigurationError(
                f"APP_KEY is not set and there is no key in {self.app_key_file}: set APP_KEY to"
                f" {MIN_APP_KEY_CHARS} or more random characters, or let `pionne-feedback` make it."
            )
        if len(self.app_key) < MIN_APP_KEY_CHARS:
            raise ConfigurationError(
                f"APP_KEY has {len(self.app_key)} characters and needs {MIN_APP_KEY_CHARS} or more:"
                " make one with `python3 -c 'import secrets; print(secrets.token_hex(32))'`."
            )
        return self.app_key.encode()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
