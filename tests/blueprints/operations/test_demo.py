"""`pionne-feedback demo` fills a project that looks alive; its printed commands work."""

import json
import re
import shlex
import shutil
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from app import create_app
from app.config import read_settings
from app.database import read_transaction
from app.domain.release_health import Window
from app.services.instance import kept_figures
from app.services.releases import crashes
from app.services.releases import health as release_health
from app.services.releases import verdicts
from tests.fixtures.apps import APP_KEY, dispose
from tests.fixtures.clocks import MovableClock


@pytest.fixture(scope="module")
def demo(tmp_path_factory, migrated_database):
    """The app after one `pionne-feedback demo`, and what it printed; run once: it writes a lot."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(migrated_database, folder / "pionne.db")
    settings = read_settings({"INSTANCE_DIR": str(folder), "APP_KEY": APP_KEY})
    clock = MovableClock()
    app = create_app(settings, clock=clock)
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    yield SimpleNamespace(app=app, printed=result.stdout, clock=clock, client=app.test_client())
    dispose(app)


@pytest.fixture
def rows(demo):
    def read(query):
        with demo.app.app_context(), read_transaction() as connection:
            return connection.exec_driver_sql(query).all()

    return read


def commands(printed):
    """The curl commands, a line of continuation joined to its own."""
    return [line for line in printed.replace("\\\n", "").splitlines() if line.startswith("curl ")]


def replay(client, command):
    """What the command would be answered."""
    words = shlex.split(command)[1:]
    options = {"-X": "GET", "-H": [], "-d": None}
    url = None
    while words:
        word = words.pop(0)
        if word == "-H":
            options["-H"].append(tuple(words.pop(0).split(": ", 1)))
        elif word in options:
            options[word] = words.pop(0)
        else:
            url = word
    path = urlsplit(url)._replace(scheme="", netloc="").geturl()
    return client.open(path, method=options["-X"], headers=options["-H"], data=options["-d"])


def test_both_tokens_are_shown(demo):
    assert re.search(r"project token  pio_live_[0-9a-f]{40}\n", demo.printed)
    assert re.search(r"user token     \d+\|[0-9a-f]{40}\n", demo.printed)


def test_its_account_opens_the_console_with_the_password_that_is_shown(demo):
    password = re.search(r"password       (\S+)\n", demo.printed)[1]
    credentials = {"email": "demo@example.com", "password": password}

    assert demo.client.post("/api/auth/login", json=credentials).status_code == 200


def test_three_commands_send_read_and_handle_feedback(demo):
    send, read, handle = commands(demo.printed)
    assert replay(demo.client, send).status_code == 202
    assert len(replay(demo.client, read).get_json()["feedback"]) == 3
    assert replay(demo.client, handle).get_json()["feedback"]["status"] == "handled"


def test_there_are_feedback_events_and_thousands_of_sessions(rows):
    assert rows("SELECT count(*) >= 100 FROM feedback") == [(True,)]
    assert rows("SELECT count(*) >= 50 FROM events") == [(True,)]
    assert rows("SELECT count(*) >= 4000 FROM sessions") == [(True,)]


def test_events_fall_into_an_issue_for_each_bug_of_every_status(rows):
    statuses = [status for (status,) in rows("SELECT status FROM issues ORDER BY status")]
    assert statuses == ["ignored", "open", "open", "resolved"]
    assert rows("SELECT count(*) FROM issues WHERE reopened_at IS NOT NULL") == [(1,)]


@pytest.mark.parametrize(("level", "status"), [("fatal", "crashed"), ("error", "errored")])
def test_as_many_sessions_ended_badly_as_events_say_in_each_release_on_each_day(
    rows, level, status
):
    events = rows(
        "SELECT release, date(created_at), count(*) FROM events"
        f" WHERE level = '{level}' GROUP BY 1, 2 ORDER BY 1, 2"
    )
    sessions = rows(
        "SELECT name, day, count(*) FROM sessions JOIN releases ON releases.id = release_id"
        f" WHERE status = '{status}' GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert events == sessions
    assert len(events) > 5


def test_stacks_are_of_the_phone_that_its_session_ran_on(rows):
    for content, release in rows("SELECT content, release FROM events"):
        event = json.loads(content)
        bundle = {"Android": "index.android.bundle", "iOS": "main.jsbundle"}
        assert bundle[event["context"]["os_name"]] in " ".join(event["stack"])
        assert event["context"]["app_version"] == release


def test_ids_and_audit_are_in_order_of_time(rows):
    for table in ("events", "feedback", "audit_entries"):
        times = [at for (at,) in rows(f"SELECT created_at FROM {table} ORDER BY id")]
        assert times == sorted(times), table
    assert rows("SELECT count(*) > 50 FROM audit_entries") == [(True,)]


def test_all_addresses_are_of_example_com(rows):
    said = rows(
        "SELECT coalesce(email, '') || ' ' || message FROM feedback UNION ALL"
        " SELECT coalesce(actor, '') FROM audit_entries UNION ALL SELECT email FROM accounts"
    )
    hosts = re.findall(r"@([\w.]+)", " ".join(text for (text,) in said))
    assert len(hosts) > 50
    assert set(hosts) == {"example.com"}


def test_feedback_of_a_crash_came_after_it_from_the_same_version(rows):
    tied = rows(
        "SELECT feedback.app_version, events.release, feedback.created_at >= events.created_at"
        " FROM feedback JOIN events ON events.id = feedback.event_id"
    )
    assert len(tied) > 10
    assert all(version == release and came_after for version, release, came_after in tied)


def test_one_release_is_bad_one_undecided_and_the_others_good(demo):
    with demo.app.app_context():
        window = Window(today=demo.clock().date())
        verdicts = {
            row.release: row.verdict for row in release_health.list_page(1, window, limit=100).rows
        }
    assert verdicts == {"1.3.9": "good", "1.4.0": "bad", "1.4.1": "good", "1.4.2": "undecided"}


@pytest.mark.parametrize(
    ("release", "against", "comparison"),
    [("1.4.0", "1.3.9", "fail"), ("1.4.1", "1.4.0", "pass"), ("1.4.2", "1.4.1", "undecided")],
)
def test_each_release_compares_with_the_one_before_as_the_story_says(
    demo, release, against, comparison
):
    with demo.app.app_context():
        window = Window(today=demo.clock().date())
        judged = verdicts.compare(1, window, release=release, against=against)
    assert judged.verdict == comparison


@pytest.mark.parametrize("release", ["1.3.9", "1.4.0", "1.4.1", "1.4.2"])
def test_each_crashed_session_has_its_event(demo, rows, release):
    """Over all days of a release; and there are some."""
    tied = 0
    with demo.app.app_context():
        found = crashes.of_day(1, release, None, now=demo.clock())
        while True:
            assert found.tied == found.sessions_crashed == found.fatal_events
            tied += found.tied
            if found.older_day is None:
                break
            found = crashes.of_day(1, release, found.older_day, now=demo.clock())
    fatal = f"SELECT count(*) FROM events WHERE level = 'fatal' AND release = '{release}'"
    assert [(tied,)] == rows(fatal)
    assert tied


def test_ledger_adds_up(demo):
    with demo.app.app_context():
        assert list(kept_figures.verify()) == []


def test_nothing_is_from_the_future(rows, demo):
    now = demo.clock().replace(tzinfo=None).isoformat(" ", "microseconds")
    for query in (
        "SELECT max(created_at) FROM events",
        "SELECT max(max(started_at), max(ended_at)) FROM sessions",
        "SELECT max(max(created_at), max(handled_at)) FROM feedback",
    ):
        assert rows(query)[0][0] <= now, query
