"""Finding and erasing what names a person, in free text, under load, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from app.config import read_settings
from app.database import read_transaction, write_transaction
from app.domain.mentions import AddressMatcher
from app.domain.roles import Role
from app.models import (
    Account,
    Event,
    Feedback,
    Invitation,
    Issue,
    Project,
    ProjectMember,
    UserToken,
)
from app.services import accounts, audit, feedback, projects
from app.services.errors import Invalid
from app.services.people import erasure as person_erasure
from app.services.people import export as person_export
from app.services.people.erasure_steps import Counts
from app.services.people.rows import OwnedProject, PersonAccount, PersonToken
from app.services.projects import invitations
from tests.fixtures.apps import APP_KEY
from tests.fixtures.posted import ADDRESS_HASH

ALICE = "alice@example.com"
EVERY_KIND = ("feedback", "events", "issues", "invitations", "memberships", "audit")


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, settings):
    if request.param == "sqlite":
        return settings
    environment = {"INSTANCE_DIR": str(settings.instance_dir), "APP_KEY": APP_KEY}
    url = request.getfixturevalue("postgresql_url")
    return read_settings({**environment, "DATABASE_URL": url})


@pytest.fixture(autouse=True)
def _context(context):
    """Every test here asks services."""


@pytest.fixture
def export(project):
    def of(email=ALICE, *, project_id=project.id):
        return person_export.export_from_project(project_id, email)

    return of


@pytest.fixture
def erase(project, clock):
    def call(email=ALICE, *, project_id=project.id):
        return person_erasure.erase_from_project(
            project_id, email, actor="owner@example.com", now=clock()
        )

    return call


@pytest.fixture
def erase_everywhere(clock):
    def call(email=ALICE):
        return sum(person_erasure.erase_from_instance(email, now=clock()), Counts())

    return call


@pytest.fixture
def add_event(project, make_event):
    """An event with the given content and message, in an issue of its own with that message."""

    def add(*, project_id=project.id, message=None, **content):
        stored = make_event(project_id=project_id)
        with write_transaction() as connection:
            for model, row_id in ((Event, stored.id), (Issue, stored.issue_id)):
                values = {"message": message}
                if model is Event:
                    values["content"] = content
                connection.execute(model.__table__.update().where(model.id == row_id), values)
        return stored

    return add


@pytest.fixture
def everything(project, make_member, make_feedback, add_event, clock):
    """A row of each kind that names Alice."""
    make_feedback(email=ALICE)
    add_event(message=f"no user {ALICE}", breadcrumbs=[{"url": "/u?e=alice%40example.com"}])
    alice = make_member(ALICE, "viewer")
    with write_transaction() as connection:
        values = {"project_id": project.id, "role": "member", "created_at": clock()}
        key = {"email": ALICE, "email_key": ALICE, "digest": bytes(32)}
        connection.execute(insert(Invitation), {**values, **key})
    return alice


def count_of(model):
    with read_transaction() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


@pytest.mark.parametrize("column", ["release", "environment", "platform"])
def test_an_event_that_names_the_person_in_a_label_goes(export, erase, add_event, column):
    stored = add_event()
    with write_transaction() as connection:
        labelled = Event.__table__.update().where(Event.id == stored.id)
        connection.execute(labelled, {column: f"of {ALICE}"})

    assert len(export().events) == 1
    assert erase()["events"] == 1
    assert count_of(Event) == 0


@pytest.mark.parametrize("column", ["name", "url", "app_version"])
def test_feedback_that_names_an_address_anywhere_is_found(make_feedback, export, column):
    found = make_feedback(**{column: f"x {ALICE} y"})
    make_feedback(**{column: "malice@example.com"})

    assert [row.id for row in export().feedback] == [found]


def test_feedback_is_found_by_its_email_however_typed(make_feedback, export):
    ids = [
        make_feedback(email=email) for email in (ALICE, "ALICE@EXAMPLE.COM", "Alice@example.com")
    ]
    make_feedback(email="bob@example.com")

    assert [row.id for row in export().feedback] == ids


def test_a_message_that_no_scrubber_cleans_is_searched(make_feedback, export):
    found = make_feedback(message="I am root@localhost")

    assert [row.id for row in export("root@localhost").feedback] == [found]


@pytest.mark.parametrize(
    "email", ["j\u00f6rg@b\u00fccher.example", "\u7528\u6237@\u4f8b\u5b50.example"]
)
def test_international_addresses_are_found(make_feedback, export, email):
    by_email, by_name = make_feedback(email=email.upper()), make_feedback(name=f"({email})")
    make_feedback(email="jurg@example.com")

    assert [row.id for row in export(email).feedback] == [by_email, by_name]


def test_letters_that_only_some_languages_take_for_equal_are_not(make_feedback, export):
    """In a Turkish database, lower('I') is no i."""
    found = make_feedback(email="INFO@EXAMPLE.COM")

    assert [row.id for row in export("info@example.com").feedback] == [found]


def test_events_and_issues_that_name_an_address_are_found(add_event, export):
    linked = add_event(breadcrumbs=[{"data": {"url": "https://b.example/?e=alice%40example.com"}}])
    told = add_event(message=f"no user {ALICE}")
    add_event(message="no user", breadcrumbs=[{"url": "https://b.example/malice%40example.com"}])

    found = export()

    assert [row.id for row in found.events] == [linked.id, told.id]
    assert [row.id for row in found.issues] == [told.issue_id]


def test_another_projects_rows_are_not_exported(make_project, make_feedback, add_event, export):
    other = make_project("Other")
    make_feedback(project_id=other.id, email=ALICE)
    add_event(project_id=other.id, message=ALICE)

    found = export()

    assert (found.feedback, found.events, found.issues) == ([], [], [])


def test_an_export_has_each_kind_and_tells_the_project(everything, export, project):
    found = export()

    for kind in EVERY_KIND:
        if kind != "audit":  # nobody did anything yet
            assert [row.project_id for row in getattr(found, kind)] == [project.id], kind


def test_an_export_has_what_the_person_did_and_what_was_done_to_them(export, project, clock):
    invitations.invite(project.id, email=ALICE, role=Role.VIEWER, actor=None, now=clock())
    projects.rotate_token(project.id, actor=ALICE, now=clock())
    projects.rotate_token(project.id, actor="bob@example.com", now=clock())

    assert [row.action for row in export().audit] == ["member.invited", "token.rotated"]


def test_an_export_of_the_instance_has_the_account_without_its_secrets(
    everything, make_project, make_account, clock
):
    mine = make_project("Mine", owner_id=everything.id)
    accounts.issue_token(ALICE, client="cli", now=clock())

    account = person_export.export_from_instance("Alice@Example.com").account

    assert account == PersonAccount(
        id=everything.id,
        email=ALICE,
        name=None,
        created_at=clock(),
        two_factor_since=None,
        tokens=[PersonToken("cli", clock())],
        projects=[OwnedProject(mine.id, "Mine")],
    )


def test_somebody_unknown_has_nothing(everything):
    found = person_export.export_from_instance("bob@example.com")

    assert found.account is None
    assert not any(getattr(found, kind) for kind in EVERY_KIND)


def test_erasing_takes_what_an_export_shows_and_nothing_else(
    everything, make_feedback, add_event, export, erase
):
    kept = make_feedback(email="malice@example.com")
    kept_event = add_event(message="no user malice@example.com")

    erased = erase()

    assert erased == dict.fromkeys(
        ("feedback", "events", "issues", "invitations", "memberships"), 1
    )
    assert not any(getattr(export(), kind) for kind in EVERY_KIND)
    others = export("malice@example.com")
    assert [row.id for row in others.feedback] == [kept]
    assert [row.id for row in others.events] == [kept_event.id]
    assert [row.id for row in others.issues] == [kept_event.issue_id]


def test_an_issue_stays_without_the_address(add_event, erase):
    bug = add_event(message=f"no user {ALICE}")
    erase()

    with read_transaction() as connection:
        issue = connection.execute(select(Issue.message, Issue.exception_type)).one()
    assert issue == ("[REDACTED]", "TypeError")
    assert bug.issue_id


def test_feedback_of_others_stays_when_the_event_it_is_tied_to_goes(
    add_event, make_feedback, erase, stored_feedback
):
    bug = add_event(message=f"no user {ALICE}")
    kept = make_feedback(event_id=bug.id)
    erase()

    (row,) = stored_feedback()
    assert (row.id, row.event_id, row.issue_id) == (kept, None, bug.issue_id)


def test_the_audit_keeps_the_deed_and_forgets_the_person(project, erase, clock):
    invitations.invite(project.id, email=ALICE, role=Role.VIEWER, actor=None, now=clock())
    projects.rotate_token(project.id, actor=ALICE, now=clock())

    erase()

    rows = audit.list_page(project.id, limit=100).rows
    assert [(row.action, row.actor, row.detail) for row in rows] == [
        ("person.erased", "owner@example.com", {"invitations": 1, "audit": 2}),
        ("token.rotated", "[REDACTED]", {}),
        ("member.invited", None, {"email": "[REDACTED]", "role": "viewer"}),
        ("project.created", None, {"name": "My app"}),
    ]


def test_erasing_somebody_unknown_is_no_deed(project, erase):
    assert erase() == {}
    assert [row.action for row in audit.list_page(project.id, limit=9).rows] == ["project.created"]


def test_another_projects_rows_stay(make_project, make_feedback, erase, export):
    other = make_project("Other")
    kept = make_feedback(project_id=other.id, email=ALICE)
    make_feedback(email=ALICE)

    assert erase() == {"feedback": 1}
    assert [row.id for row in export(project_id=other.id).feedback] == [kept]


def test_the_account_stays_when_a_project_erases_the_person(everything, erase):
    erase()

    assert accounts.find_by_email(ALICE).id == everything.id
    assert count_of(ProjectMember) == 0


def test_an_owner_is_not_erased_from_the_project(make_feedback, project, erase, export):
    kept = make_feedback(email="owner@example.com")

    with pytest.raises(Invalid, match="project's owner"):
        erase("OWNER@example.com")
    assert [row.id for row in export("owner@example.com").feedback] == [kept]


@pytest.fixture
def many(project, clock):
    """450 pieces of Alice's feedback among 450 of others."""
    row = {"project_id": project.id, "status": "open", "created_at": clock(), "message": "x"}
    senders = (ALICE, "bob@example.com") * 450
    with write_transaction() as connection:
        connection.execute(insert(Feedback), [{**row, "email": sender} for sender in senders])


def erasure_steps(clock):
    return person_erasure.erase_from_instance(ALICE, now=clock())


def test_rows_go_in_batches_and_each_is_audited(many, project, clock):
    assert list(erasure_steps(clock)) == [{"feedback": 200}, {"feedback": 200}, {"feedback": 50}]

    rows = audit.list_page(project.id, limit=9).rows
    assert [row.detail for row in rows[:3]] == [
        {"feedback": 50},
        {"feedback": 200},
        {"feedback": 200},
    ]


def test_an_interrupted_erasure_is_audited_as_far_as_it_went_and_goes_on(many, project, clock):
    steps = erasure_steps(clock)
    next(steps)
    steps.close()
    assert count_of(Feedback) == 700
    assert audit.list_page(project.id, limit=1).rows[0].detail == {"feedback": 200}

    assert list(erasure_steps(clock)) == [{"feedback": 200}, {"feedback": 50}]
    assert count_of(Feedback) == 450


def test_two_erasures_at_once_count_each_row_once(many, project, clock):
    first, second = erasure_steps(clock), erasure_steps(clock)
    steps = [next(first), next(second), *first, *second]

    assert sum(steps, Counts()) == {"feedback": 450}


def test_a_project_that_is_purged_meanwhile_is_no_failure(many, project, clock):
    steps = erasure_steps(clock)
    next(steps)
    with write_transaction() as connection:
        connection.execute(Project.__table__.delete())

    assert list(steps) == [{}, {}]


def test_erasing_from_the_instance_takes_the_account_and_what_it_owns(
    app, everything, make_project, make_feedback, add_event, erase_everywhere, clock
):
    app.extensions["background_purge"].stop()
    mine = make_project("Mine", owner_id=everything.id)
    make_feedback(project_id=mine.id, email="bob@example.com")
    elsewhere = make_project("Elsewhere")
    make_feedback(project_id=elsewhere.id, email=ALICE)
    accounts.issue_token(ALICE, client="cli", now=clock())

    erased = erase_everywhere()

    assert erased["account"] == erased["projects"] == 1
    assert (erased["feedback"], erased["events"], erased["invitations"]) == (2, 1, 1)
    with read_transaction() as connection:
        names = connection.execute(select(Project.name).order_by(Project.id)).scalars().all()
        assert names == ["My app", "Elsewhere"]
        assert connection.execute(select(Account.email)).scalars().all() == ["owner@example.com"]
    assert count_of(UserToken) == 0
    assert not any(getattr(person_export.export_from_instance(ALICE), kind) for kind in EVERY_KIND)


def test_the_audit_of_a_team_that_lost_a_member_names_nobody(project, everything, erase_everywhere):
    erase_everywhere()

    departure = audit.list_page(project.id, limit=9).rows[1]
    assert (departure.action, departure.actor) == ("member.removed", None)
    assert departure.detail == {"email": "[REDACTED]", "role": "viewer"}


def test_looking_someone_up_counts_what_would_go_and_takes_nothing(everything):
    account, counts = person_erasure.look_up(ALICE)

    assert account.id == everything.id
    assert counts == dict.fromkeys(
        ("feedback", "events", "issues", "invitations", "memberships"), 1
    )
    assert person_erasure.look_up(ALICE)[1] == counts


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_what_is_erased_is_not_in_sqlites_files_any_more(
    database_bytes, make_feedback, everything, erase_everywhere
):
    """PostgreSQL's vacuum does that, in its own time."""
    for number in range(300):
        make_feedback(email=f"user{number}@example.com")
        if number % 10 == 0:
            make_feedback(email=ALICE)
    assert ALICE.encode() in database_bytes()

    erase_everywhere()

    assert ALICE.encode() not in database_bytes()
    assert b"user299@example.com" in database_bytes()


def test_new_feedback_of_the_same_person_is_taken_as_before(project, make_feedback, erase, clock):
    submission = feedback.Submission(message="Hello", email=ALICE)
    values = {"address_hash": ADDRESS_HASH, "now": clock()}
    window = timedelta(minutes=10)
    feedback.submit(project.id, submission, duplicate_window=window, **values)
    erase()

    again = feedback.submit(project.id, submission, duplicate_window=window, **values)

    assert again.is_new


def test_a_scan_fetches_candidates_only(many, project, export):
    """A million rows of others pass through the database, not through Python."""
    fetched = []
    real = AddressMatcher.is_named_in

    def count(matcher, value):
        fetched.append(value)
        return real(matcher, value)

    AddressMatcher.is_named_in = count
    try:
        assert len(export().feedback) == 450
    finally:
        AddressMatcher.is_named_in = real
    assert "bob@example.com" not in fetched
