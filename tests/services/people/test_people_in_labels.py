"""Erasing a person from what many rows share: sessions, releases, and what things are called."""

import json

import pytest
from sqlalchemy import JSON, String, Text, cast, func, select

from app.database import read_transaction, write_transaction
from app.domain.release_health import Window
from app.extensions import Model
from app.models import Account, Project, Session
from app.models.declared import all_models, duties_of
from app.services import audit
from app.services.errors import BundleMismatch
from app.services.pages import release_detail
from app.services.people import erasure as person_erasure
from app.services.people import export as person_export
from app.services.people import release_renaming, session_unlinking
from app.services.people.erasure_steps import Counts, Erasure
from app.services.people.search import Person
from app.services.sessions.sent_report import LostRace

ALICE = "alice@example.com"
BUILD = f"1.4.2+{ALICE}"
LOCAL = "root@localhost"  # no scrubber takes it out of an event's labels


@pytest.fixture(autouse=True)
def _context(context):
    """Every test here asks services."""


@pytest.fixture
def erase(project, clock):
    def call(email=ALICE):
        return person_erasure.erase_from_project(
            project.id, email, actor="owner@example.com", now=clock()
        )

    return call


@pytest.fixture
def export(project):
    return lambda email=ALICE: person_export.export_from_project(project.id, email)


@pytest.fixture
def detail(project, clock):
    """The page of one release."""

    def of(release):
        window = Window(today=clock().date())
        return release_detail.read(project.id, window, release=release)

    return of


@pytest.fixture
def places_naming():
    """Each column of any table that has the text somewhere."""

    def of(text):
        found = set()
        with read_transaction() as connection:
            for table in Model.metadata.sorted_tables:
                for column in table.columns:
                    if isinstance(column.type, String | JSON):
                        words = (
                            cast(column, Text) if not isinstance(column.type, String) else column
                        )
                        has_it = select(func.count()).where(func.lower(words).contains(text))
                        if connection.execute(has_it).scalar():
                            found.add(f"{table.name}.{column.name}")
        return found

    return of


@pytest.fixture
def everywhere(project, make_feedback, ingest, record, sql):
    """The address in each column of free text, by the service where it lets it in."""
    record(
        user=ALICE,
        release=BUILD,
        environment=f"of {ALICE}",
        app_version=BUILD,
        os_name=f"phone of {ALICE}",
        app_id=ALICE,
    )
    stored = ingest(
        release=BUILD, environment=f"of {ALICE}", platform=ALICE, message=ALICE, app_id=ALICE
    )
    make_feedback(email=ALICE, name=ALICE, event_id=stored.id, app_version=ALICE)
    sql("UPDATE projects SET name = ?, platform = ?", f"For {ALICE}", ALICE)
    sql("UPDATE issues SET exception_type = ?", f"No {ALICE}")
    told = [{"version": 2, "exception_type": "Error", "frames": [], "lines": [], "message": ALICE}]
    sql("UPDATE issues SET grounds = ?", json.dumps(told))
    sql("UPDATE events SET exception_type = ?", f"No {ALICE}")
    sql("UPDATE events SET content = ?", json.dumps({"stack": [f"at {ALICE}"]}))
    sql("UPDATE feedback SET message = ?, url = ?", f"Ask {ALICE}", f"https://a.test/?{ALICE}")
    sql("UPDATE feedback SET details = ?", json.dumps({"contact": f"{ALICE} or by phone"}))
    sql(
        "INSERT INTO audit_entries (project_id, actor, action, detail, created_at)"
        " SELECT id, ?, 'member.invited', ?, created_at FROM projects",
        ALICE,
        json.dumps({"email": ALICE}),
    )
    sql("UPDATE accounts SET name = ? WHERE email = 'owner@example.com'", f"Not {ALICE}")


def test_no_column_of_any_table_names_the_person_afterwards(everywhere, places_naming, clock):
    searched = {
        f"{model.__tablename__}.{name}"
        for model in all_models()
        for name in duties_of(model).searched
    }
    assert searched - places_naming(ALICE) == set()  # or it would prove little

    steps = list(person_erasure.erase_from_instance(ALICE, now=clock()))

    assert places_naming(ALICE) == set()
    assert sum(steps, Counts())["account_names"] == 1


def test_what_is_looked_up_is_what_is_erased(everywhere, clock):
    _, wanted = person_erasure.look_up(ALICE)

    assert sum(person_erasure.erase_from_instance(ALICE, now=clock()), Counts()) == wanted
    assert wanted["releases"] == 2  # one name, one environment
    assert wanted["sessions"] == 1
    assert person_erasure.look_up(ALICE)[1] == {}


def test_a_release_is_renamed_and_its_figures_stay(record, health, erase, differences, clock):
    record(release=BUILD, user="a")
    record("crashed", release=BUILD, user="b", environment="staging")
    record(release="1.4.1", user="a")
    before = health()
    staging = health(environment="staging")

    assert erase() == {"releases": 1}

    after = health()
    assert set(after) == {"1.4.1", "[REDACTED] 1"}
    for old, new in ((before, after), (staging, health(environment="staging"))):
        renamed = vars(new["[REDACTED] 1"]) | {"release": BUILD}
        assert renamed == vars(old[BUILD])
    assert differences() == []


def test_two_releases_stay_two(record, health, erase, differences):
    record(release=BUILD)
    record(release=f"2.0+{ALICE}")

    assert erase() == {"releases": 2}
    assert len(health()) == 2
    assert differences() == []


def test_an_environment_is_renamed_and_its_figures_stay(record, health, erase, differences):
    record(environment=f"of {ALICE}", release="1.0", user="a")
    record(environment=f"of {ALICE}", release="1.1", user="a")

    assert erase() == {"releases": 1}

    assert set(health(environment="[REDACTED] 2")) == {"1.0", "1.1"}
    assert set(health()) == {"1.0", "1.1"}
    assert differences() == []


def test_reports_go_on_in_a_renamed_release(record, health, erase, differences):
    record(number=1, release=BUILD, user="a")
    erase()

    record("crashed", number=1)
    record(number=2, release="[REDACTED] 1", user="a")

    (row,) = health().values()
    assert (row.sessions_total, row.sessions_crashed, row.users_total) == (2, 1, 1)
    assert differences() == []


def test_events_and_feedback_of_others_stay_with_their_release(
    record, ingest, make_feedback, detail, erase, stored_feedback
):
    """Whoever built it is named in rows of all who ran it."""
    release = f"1.0 of {LOCAL}"
    record(release=release)
    crash = ingest(release=release, environment=LOCAL)
    record(environment=LOCAL)
    with_event = make_feedback(event_id=crash.id, message="It crashed")
    without = make_feedback(app_version=release, message="I like it")

    assert erase(LOCAL) == {"releases": 2}

    shown = detail("[REDACTED] 1")
    assert [row.id for row in shown.feedback] == [without, with_event]
    assert [row.id for row in shown.top_issues] == [crash.issue_id]
    assert [row.event_id for row in stored_feedback()] == [crash.id, None]


def test_feedback_that_names_the_person_besides_goes(record, make_feedback, erase):
    release = f"1.0 of {LOCAL}"
    record(release=release)
    make_feedback(app_version=release, name=LOCAL)

    assert erase(LOCAL) == {"releases": 1, "feedback": 1}


def test_the_release_of_another_project_keeps_its_name(record, make_project, health, erase):
    other = make_project("Other")
    record(release=BUILD)
    record(release=BUILD, project_id=other.id)
    erase()

    assert set(health(project_id=other.id)) == {BUILD}


def test_a_release_that_had_events_only_is_renamed(ingest, erase, export, sql):
    ingest("a", release=f"of {LOCAL}")
    ingest("a", release=f"of {LOCAL}")
    ingest("b", release=f"of {LOCAL}")
    # The name itself, in its environment and in all, and where issues have it.
    assert [row.issue_id for row in export(LOCAL).releases] == [None, None, 1, 2]

    assert erase(LOCAL) == {"releases": 1}

    renamed = sql("SELECT issue_id, release, events_count FROM issue_releases ORDER BY issue_id")
    assert renamed == [(1, "[REDACTED] 1", 2), (2, "[REDACTED] 1", 1)]
    assert sql("SELECT DISTINCT release FROM events") == [("[REDACTED] 1",)]


def test_a_name_that_is_taken_is_not_given_again(record, health, erase, differences):
    """Nothing keeps an app from calling its release so."""
    record(release=BUILD)
    record(release="[REDACTED] 1")

    assert erase() == {"releases": 1}

    assert set(health()) == {"[REDACTED] 1", "[REDACTED] 1-1"}
    assert differences() == []


def test_a_name_that_an_event_has_taken_is_not_given_again(ingest, erase, sql):
    for _ in range(2):
        ingest(release=f"of {LOCAL}")
    ingest(release="[REDACTED] 1")

    assert erase(LOCAL) == {"releases": 1}

    kept = sql("SELECT release, events_count FROM issue_releases ORDER BY release")
    assert kept == [("[REDACTED] 1", 1), ("[REDACTED] 1-1", 2)]


def test_a_name_that_comes_back_is_erased_again(record, health, erase, differences):
    record(release=BUILD)
    erase()
    record(release=BUILD)

    assert erase() == {"releases": 1}
    first, second = sorted(health())
    assert first == "[REDACTED] 1" != second
    assert second.startswith("[REDACTED] ")
    assert differences() == []


def test_labels_of_events_and_feedback_alone_are_hidden(ingest, make_feedback, erase, sql):
    """Nothing is counted by them, and they need not tell who sent the rest."""
    ingest(environment=f"dev.{LOCAL}")
    make_feedback(app_version=f"1.0+{LOCAL}")

    assert erase(LOCAL) == {"releases": 2}

    assert sql("SELECT environment FROM events") == [("[REDACTED] 2",)]
    assert sql("SELECT app_version FROM feedback") == [("[REDACTED] 3",)]


def test_a_name_with_a_longer_address_is_somebody_elses(record, health, erase):
    record(release=f"1.0+m{ALICE}", os_name=f"{ALICE}munity")

    assert erase() == {}
    assert set(health()) == {f"1.0+m{ALICE}"}


def test_an_interrupted_renaming_goes_on_under_the_same_name(
    monkeypatch, record, ingest, clock, detail, sql
):
    monkeypatch.setattr(release_renaming, "BATCH_ROWS", 1)
    record(release=f"of {LOCAL}")
    for bug in "abc":
        ingest(bug, release=f"of {LOCAL}")
    steps = person_erasure.erase_from_instance(LOCAL, now=clock())
    for _ in range(5):  # three events and an issue are done
        next(steps)
    steps.close()
    assert len(sql("SELECT DISTINCT release FROM issue_releases")) == 2

    list(person_erasure.erase_from_instance(LOCAL, now=clock()))

    assert len(detail("[REDACTED] 1").top_issues) == 3
    assert sql("SELECT DISTINCT release FROM events") == [("[REDACTED] 1",)]


def test_a_second_erasure_at_the_same_time_makes_no_release_up(record, ingest, clock, sql):
    record(release=BUILD)
    ingest(environment=f"dev.{LOCAL}", release=f"of {LOCAL}")
    for email in (ALICE, LOCAL):
        with read_transaction() as connection:
            known, *_ = release_renaming.names_naming(connection, Person(email))
        erasure = Erasure(Person(email), None, clock())
        assert sum(release_renaming.rename(erasure, known), Counts()) == {"releases": 1}
        before = sql("SELECT id, name, environment FROM releases")
        assert sum(release_renaming.rename(erasure, known), Counts()) == {}
        assert sql("SELECT id, name, environment FROM releases") == before


@pytest.mark.sqlite_only("PostgreSQL's vacuum does that, in its own time")
def test_what_is_renamed_is_not_in_sqlites_files_any_more(everywhere, database_bytes, clock):
    assert ALICE.encode() in database_bytes()

    list(person_erasure.erase_from_instance(ALICE, now=clock()))

    assert ALICE.encode() not in database_bytes()


def test_a_renaming_is_audited_with_a_number_only(record, project, erase):
    record(release=BUILD)
    erase()

    newest = audit.list_page(project.id, limit=1).rows[0]
    assert (newest.action, newest.detail) == ("person.erased", {"releases": 1})


@pytest.mark.parametrize("column", ["app_version", "os_name", "app_id"])
def test_a_session_forgets_a_label_and_stays(record, erase, export, differences, sql, column):
    record(**{column: f"of {ALICE}"})
    record(**{column: "of malice@example.com"})
    (found,) = export().sessions
    assert (getattr(found, column), found.is_theirs) == (f"of {ALICE}", False)

    assert erase() == {"sessions": 1}

    assert sql(f"SELECT {column} FROM sessions ORDER BY id") == [
        ("[REDACTED]",),
        ("of malice@example.com",),
    ]
    assert differences() == []


@pytest.mark.parametrize("sent", [ALICE, "Alice@Example.com"])
def test_sessions_of_an_app_that_sends_addresses_as_ids_lead_to_nobody(
    record, health, erase, export, differences, sent
):
    record("crashed", user=sent)
    record(user=sent, environment="staging")
    record(user=sent, release="1.1")
    record(user="bob@example.com")
    before = health(), health(environment="staging")
    assert [row.is_theirs for row in export("Alice@Example.com").sessions] == [True] * 3

    assert erase("Alice@Example.com") == {"sessions": 3}

    assert export("Alice@Example.com").sessions == []
    assert (health(), health(environment="staging")) == before
    assert differences() == []


def test_sessions_of_one_release_do_not_lead_to_those_of_another(record, erase, sql):
    for release in ("1.0", "1.0", "1.1"):
        record(user=ALICE, release=release)
    erase()

    keys = [key for (key,) in sql("SELECT user_key FROM sessions ORDER BY id")]
    assert keys[0] == keys[1] != keys[2]


def test_a_session_that_was_unlinked_can_still_crash(record, erase, health, differences):
    record(number=1, user=ALICE)
    erase()
    record("crashed", number=1)

    assert health()["1.0"].users_crashed == 1
    assert differences() == []


def test_a_session_that_is_theirs_and_names_them_counts_once(record, erase, sql):
    record(user=ALICE, os_name=ALICE)

    assert person_erasure.look_up(ALICE)[1] == {"sessions": 1}
    assert erase() == {"sessions": 1}
    assert sql("SELECT os_name FROM sessions") == [("[REDACTED]",)]


def test_figures_of_a_user_whose_sessions_are_purged_are_unlinked_too(record, erase, sql):
    record(user=ALICE)
    (old,) = sql("SELECT DISTINCT user_key FROM release_users")
    sql("DELETE FROM sessions")
    erase()

    (new,) = sql("SELECT DISTINCT user_key FROM release_users")
    assert new != old


@pytest.fixture
def one_more_before_the_step(monkeypatch, record):
    """A session of Alice's opens after hers were searched, before they are unlinked."""
    real, late = session_unlinking._newest_day, []

    def report_one(connection, user):
        day = real(connection, user)
        if not late:
            late.append(True)
            connection.rollback()  # SQLite: lets the writer be first
            record(user=ALICE)
        return day

    monkeypatch.setattr(session_unlinking, "_newest_day", report_one)


def test_a_session_that_opens_meanwhile_is_unlinked_with_the_others(
    record, one_more_before_the_step, erase, differences, export
):
    record(user=ALICE)

    assert erase() == {"sessions": 2}
    assert differences() == []
    assert export().sessions == []


def test_an_erasure_gives_up_on_a_user_who_never_stops(monkeypatch, record, erase):
    record(user=ALICE)

    def always_late(*_, **__):
        raise LostRace

    monkeypatch.setattr(session_unlinking, "_unlink", always_late)
    with pytest.raises(RuntimeError, match="new session in each of 10 attempts"):
        erase()


def test_a_project_keeps_no_name_and_platform_that_name_the_person(project, sql, erase, export):
    sql("UPDATE projects SET name = ?, platform = ?", f"For {ALICE}", ALICE)
    assert [row.name for row in export().project_names] == [f"For {ALICE}"]

    assert erase() == {"project_names": 1}
    assert sql("SELECT name, platform FROM projects") == [("[REDACTED]", "[REDACTED]")]
    assert export().project_names == []


def test_a_pinned_bundle_is_let_go_so_that_events_are_still_taken(ingest, erase, sql):
    ingest(app_id=f"of.{LOCAL}")

    assert erase(LOCAL) == {"project_names": 1}
    ingest(app_id="com.acme.app")
    with pytest.raises(BundleMismatch):
        ingest(app_id="com.other.app")
    assert sql("SELECT bundle_id FROM projects") == [("com.acme.app",)]


def test_another_accounts_name_is_exported_without_its_address_and_erased(make_account, clock):
    bob = make_account("bob@example.com")
    with write_transaction() as connection:
        connection.execute(
            Account.__table__.update().where(Account.id == bob.id), {"name": f"Not {ALICE}"}
        )
    shown = person_export.export_from_instance(ALICE).account_names
    assert [vars(row) for row in shown] == [{"id": bob.id, "name": f"Not {ALICE}"}]

    list(person_erasure.erase_from_instance(ALICE, now=clock()))

    with read_transaction() as connection:
        assert connection.execute(select(Account.name, Account.email)).all() == [
            ("[REDACTED]", "bob@example.com")
        ]


def test_a_persons_own_name_is_of_their_account_alone(make_account, clock):
    alice = make_account(ALICE)
    with write_transaction() as connection:
        connection.execute(
            Account.__table__.update().where(Account.id == alice.id), {"name": ALICE}
        )

    found = person_export.export_from_instance(ALICE)
    assert (found.account.name, found.account_names) == (ALICE, [])


def test_a_release_that_is_purged_meanwhile_is_no_failure(record, clock, project):
    record(release=BUILD)
    record(user=ALICE)
    steps = person_erasure.erase_from_instance(ALICE, now=clock())
    with write_transaction() as connection:
        connection.execute(Session.__table__.delete())
        connection.execute(Project.__table__.delete())

    assert sum(steps, Counts()) == {}


def test_events_that_come_meanwhile_under_the_old_name_stay(ingest, clock, sql):
    """They are the next run's to rename; nobody's event goes for its release's name."""
    ingest(release=f"of {LOCAL}")
    steps = person_erasure.erase_from_instance(LOCAL, now=clock())
    while next(steps) != {"releases": 1}:
        pass
    ingest(release=f"of {LOCAL}")
    list(steps)

    assert sql("SELECT release FROM events ORDER BY id") == [
        ("[REDACTED] 1",),
        (f"of {LOCAL}",),
    ]
