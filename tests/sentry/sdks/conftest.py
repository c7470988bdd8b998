"""One running service for all of these tests; each test has a project of its own in it.

What arrives is kept on SQLite alone: SDKs meet HTTP, and the requests are those of the vectors and
samples, which are stored on both databases.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.config import read_settings
from tests.databases import SqliteDatabase
from tests.fixtures.apps import APP_KEY
from tests.live.conftest import Server, few_authorities  # noqa: F401  # fixture
from tests.sentry.sdks.service import SECRETS, Project, Service

PROGRAMS = Path(__file__).parent / "programs"
RELEASE, ENVIRONMENT = "shop@1.4.2+33", "staging"
# What the SDKs say of themselves when something went wrong, in each of their ways.
_COMPLAINT = re.compile(
    r".*(?:\[sentry\] (?:ERROR|WARNING)|Sentry Logger \[(?:warn|error)\]|Sentry responded|"
    r"nexpected status|Failed to (?:submit|send)).*"
)


@pytest.fixture(scope="session")
def running_service(
    migrated_database: Path,
    tmp_path_factory: pytest.TempPathFactory,
    few_authorities: None,  # noqa: F811
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("sentry-sdks")
    path = folder / "pionne.db"
    shutil.copy(migrated_database, path)
    settings = read_settings({"INSTANCE_DIR": str(folder), "APP_KEY": APP_KEY})
    server = Server(settings, SqliteDatabase(path))
    service = Service(server)
    yield service
    service.stop()
    assert service.lost() == {}


@pytest.fixture
def project(running_service: Service, request: pytest.FixtureRequest) -> Iterator[Project]:
    """At the end, nothing that is private is kept anywhere."""
    made = running_service.new_project(request.node.name[:100])
    yield made
    database = SqliteDatabase(running_service.server.settings.instance_dir / "pionne.db")
    kept = database.content().decode(errors="replace")
    assert [secret for secret in SECRETS if secret in kept] == []
    key = made.dsn.partition("//")[2].partition("@")[0]
    log = running_service.server.log()
    assert [secret for secret in (*SECRETS, "nora@example.com", key) if secret in log] == []


@pytest.fixture
def run(project: Project) -> Callable[..., str]:
    """Runs a program that knows the service by its DSN alone; returns what it wrote.

    `SENTRY_…` are the variables that each SDK reads by itself.
    """

    def start(*command: str, ends_with: int = 0, **environment: str) -> str:
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=60,
            env={
                "PATH": os.environ["PATH"],
                "SENTRY_DSN": project.dsn,
                "SENTRY_RELEASE": RELEASE,
                "SENTRY_ENVIRONMENT": ENVIRONMENT,
                **environment,
            },
        )
        written = ended.stdout + ended.stderr
        assert ended.returncode == ends_with, written
        assert _COMPLAINT.findall(written) == []
        return written

    return start
