"""The application factory.

It reads like a table of contents and has no effects beyond the app it returns: it migrates, prints
and asks nothing, and opens no connection. Whether an instance is fit to serve is asked in
`app.services.instance.readiness`, by `app.entrypoints.gunicorn_settings`.
"""

import os

from argon2 import PasswordHasher
from flask import Flask

from app.config import Settings, read_settings
from app.database import init_database
from app.database.engine import engine_options
from app.domain.times import utc_now
from app.extensions import Clock, init_extensions
from app.limits.allowances import init_limits
from app.limits.shared_storage import limit_storage_uri
from app.logs import init_logs
from app.plugins import register_plugins
from app.services.accounts.hashing import init_hashing
from app.services.instance.write_probe import init_write_probe
from app.services.issues.event_bytes import init_event_bytes
from app.services.losses import init_losses
from app.services.projects.background_purge import init_background_purge
from app.services.projects.disk_survey import init_disk_survey
from app.services.projects.senders import init_senders
from app.signals import init_signals
from app.web.application import Application
from app.web.cors import init_cors
from app.web.errors import init_errors
from app.web.proxies import TrustedProxies
from app.web.security_headers import init_security_headers
from app.web.unread_bodies import UnreadBodies
from app.web.url_rules import AnyPath

__version__ = "0.1.0"


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = utc_now,
    password_hasher: PasswordHasher | None = None,
) -> Flask:
    """An app with its own settings; those of the environment when none are given.

    Tests bring a cheaper `password_hasher`: argon2's own default takes a tenth of a second.
    Raises ConfigurationError for settings that cannot be used.
    """
    settings = settings or read_settings(os.environ)
    app = Application(__name__, static_folder=None, instance_path=str(settings.instance_dir))
    app.config.from_mapping(
        PIONNE=settings,
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(
            url=settings.database_url,
            threads=settings.threads,
            sqlite_busy_seconds=settings.sqlite_busy_seconds,
            postgresql_busy_seconds=settings.postgresql_busy_seconds,
        ),
        RATELIMIT_STORAGE_URI=limit_storage_uri(settings.ratelimit_storage_uri),
    )
    # A redirected preflight fails in browsers, and a redirected POST becomes a GET.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters["path"] = AnyPath
    if count := settings.trusted_proxies:
        app.wsgi_app = TrustedProxies(app.wsgi_app, count=count)  # type: ignore[method-assign]
    init_logs(app, level=settings.log_level)
    init_signals(app)
    init_security_headers(app)
    init_extensions(app, clock=clock, password_hasher=password_hasher or PasswordHasher())
    init_hashing(app, threads=settings.threads)
    init_limits(app)
    init_database(app, sqlite_busy_seconds=settings.sqlite_busy_seconds)
    init_senders(app)
    init_background_purge(app)
    init_losses(app)
    init_event_bytes(app)
    init_disk_survey(app)
    init_write_probe(app)
    init_errors(app)
    init_cors(app)
    register_plugins(app, settings.blueprints)
    app.wsgi_app = UnreadBodies(  # type: ignore[method-assign]
        app.wsgi_app, max_bytes=2 * max(settings.max_body_bytes, settings.max_event_body_bytes)
    )
    return app
