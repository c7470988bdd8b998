"""The pipeline steps of docs/release-gate.md, run as they stand there, against a real server."""

import os
import re
import subprocess
import textwrap
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.database import write_transaction
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.domain.times import utc_now
from app.models import Release, ReleaseDay
from app.services import sessions

pytestmark = pytest.mark.sqlite_only("it is about the steps, not the database")

PAGE = Path(__file__).parent.parent.parent / "docs" / "release-gate.md"
# How each runner starts what the step says.
SHELLS = {
    "GitHub Actions": ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"],
    "GitLab CI": ["sh", "-e", "-c"],
}


def script_of(runner):
    """What the step runs, without the indentation that YAML takes away."""
    step = PAGE.read_text(encoding="utf-8").partition(f"{runner}:\n")[2]
    found = re.search(r"^ +for minute in .*?^ +exit 2$", step, re.MULTILINE | re.DOTALL)
    return textwrap.dedent(found[0])


@pytest.fixture
def fill(app, project):
    """So many sessions of a release today, written straight into its figures."""

    def release(name, *, crashed):
        with app.app_context():
            report = SessionReport(
                session_id=uuid.uuid4().bytes,
                status=SessionStatus.OK,
                release=name,
                environment="production",
            )
            sessions.record(project.id, report, now=utc_now())
            of_release = ReleaseDay.release_id.in_(select(Release.id).where(Release.name == name))
            with write_transaction() as connection:
                figures = {"ok": 2000 - crashed, "crashed": crashed}
                connection.execute(update(ReleaseDay).where(of_release).values(figures))

    return release


@pytest.mark.parametrize("runner", SHELLS)
@pytest.mark.parametrize(("crashed", "exit_code", "word"), [(5, 0, "pass"), (80, 1, "fail")])
def test_step_stops_at_the_word(server, project, fill, as_owner, runner, crashed, exit_code, word):
    fill("1.4.1", crashed=5)
    fill("1.4.2", crashed=crashed)
    told = {
        "BASE": server.url,
        "PROJECT": str(project.id),
        "RELEASE": "1.4.2",
        "USER_TOKEN": as_owner["Authorization"].removeprefix("Bearer "),
    }
    ended = subprocess.run(
        [*SHELLS[runner], script_of(runner)],
        env={"PATH": os.environ["PATH"], **told},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == exit_code, ended.stderr
    assert f'"verdict":"{word}"' in ended.stdout.replace(" ", "")
