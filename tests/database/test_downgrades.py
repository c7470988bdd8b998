"""Migrations go back and forth with data in every table, and delete none of it in silence."""

import json
import re
from collections import Counter
from datetime import UTC, datetime

import flask_migrate
import pyotp
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, delete, insert, inspect, select, update

from app.database import read_transaction, write_transaction
from app.domain.issue_status import IssueStatus
from app.domain.roles import Role
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.extensions import MIGRATIONS_DIR
from app.models import (
    Account,
    DiskShare,
    Event,
    EventDay,
    Feedback,
    Issue,
    IssueFingerprint,
    IssueRelease,
    Loss,
    Project,
    ProjectToken,
    RetentionHorizon,
    SentryId,
)
from app.services import accounts, issues, projects, sessions
from app.services.accounts import api_tokens, logins, two_factor
from app.services.feedback import inbox, triage
from app.services.instance.kept_id_marks import id_marks
from app.services.projects import invitations
from app.services.projects import tokens as project_tokens
from app.services.releases.names import Names

# Newest first, each with the one below it.
STEPS = {
    script.revision: script.down_revision or "base"
    for script in ScriptDirectory(str(MIGRATIONS_DIR)).walk_revisions()
}
OF_USER_TOKENS = ("id", "account_id", "name", "digest", "created_at")
# What a step down rewrites on purpose.
REWRITTEN = {
    "c41d8f0b27a9": {"projects.owner_id"},
    # API tokens go, lest they become logins.
    "c7f2a40b9d16": {f"user_tokens.{name}" for name in OF_USER_TOKENS},
}
# What a step up puts elsewhere.
MOVED = {
    "projects.token_digest": "project_tokens.digest",
    "projects.token_preview": "project_tokens.preview",
}
PASSWORD = "correct horse"


@pytest.fixture
def downgrade(app):
    """`pionne-feedback db downgrade`; with `delete_data` as its refusal tells to."""

    def to(revision, *, delete_data=False):
        with app.app_context():
            flask_migrate.downgrade(
                revision=revision, x_arg=["delete-data=yes"] if delete_data else None
            )

    return to


@pytest.fixture
def upgrade(app):
    def to(revision="head"):
        with app.app_context():
            flask_migrate.upgrade(revision=revision)

    return to


@pytest.fixture
def content(app):
    """All that is stored, as how often each value is in each `table.column`."""

    def read():
        stored = {}
        with app.app_context(), read_transaction() as connection:
            schema = MetaData()
            schema.reflect(connection)
            for table in schema.tables.values():
                rows = connection.execute(select(table)).mappings().all()
                for name in table.columns.keys():
                    values = (repr(row[name]) for row in rows if row[name] is not None)
                    stored[f"{table.name}.{name}"] = Counter(values)
        del stored["alembic_version.version_num"]
        return stored

    return read


@pytest.fixture
def full_database(app, clock, project, make_project, make_member, make_event, make_feedback):
    """Rows in every table, and a value in every column."""
    make_member()
    fields = {"name": "Al", "email": "al@example.com", "url": "app://cart", "app_version": "1"}
    event = make_event()
    make_feedback(event_id=event.id, status="handled", **fields)
    make_feedback(status="archived")
    with app.app_context():
        _add_person_with_two_factor(clock)
        guest = {"email": "guest@example.com", "role": Role.VIEWER}
        invitations.invite(project.id, **guest, actor="owner@example.com", now=clock())
        for status in ("ok", "crashed"):
            _report_session(project.id, status, clock)
        deleted = make_project("Deleted").id
        project_tokens.add(project.id, "Web", actor=None, now=clock())
        with write_transaction() as connection:
            for statement in (
                update(Issue).values(message="x", reopened_at=clock(), resolved_at=clock()),
                update(Issue).values(merged_at=clock(), grounds=[{"version": 2}]),
                # As it is with one that is merged into itself: what a step down puts back is there.
                update(Issue).values(
                    merged_into_id=Issue.id,
                    shown_in_id=Issue.id,
                    own_events_count=Issue.events_count,
                    own_first_seen_at=Issue.first_seen_at,
                    own_last_seen_at=Issue.last_seen_at,
                ),
                update(Event).values(
                    message="x", platform="ios", crashed_at=clock(), sentry_id=bytes(16)
                ),
                update(Feedback).values(details={"source": "x"}, sentry_event_ref=bytes(16)),
                insert(SentryId).values(
                    project_id=project.id,
                    kind="event",
                    sentry_id=bytes(16),
                    row_id=event.id,
                    received_at=clock(),
                ),
                update(Project).values(platform="web", bundle_id="com.acme.app"),
                update(ProjectToken).values(last_used_at=clock()),
                update(Project)
                .where(Project.id == deleted)
                .values(deleted_at=clock(), owner_id=None),
                insert(IssueFingerprint).values(
                    project_id=project.id, fingerprint=bytes(32), issue_id=event.issue_id
                ),
                insert(DiskShare).values(
                    project_id=project.id,
                    of_table="events",
                    rows_kept=1,
                    bytes_kept=9,
                    counted_at=clock(),
                ),
                insert(EventDay).values(project_id=project.id, day=clock().date(), content_bytes=9),
                insert(Loss).values(
                    project_id=project.id,
                    day=clock().date(),
                    source="server",
                    kind="event",
                    reason="bundle_mismatch",
                    quantity=1,
                    named_app="com.acme.beta",
                ),
                insert(RetentionHorizon).values(name="sessions", day=clock().date()),
            ):
                connection.execute(statement)


def _add_person_with_two_factor(clock):
    account = accounts.create("jo@example.com", password=PASSWORD, name="Jo", now=clock())
    secret = two_factor.enrol(account.id, password=PASSWORD).secret
    two_factor.confirm(account.id, code=pyotp.TOTP(secret).at(clock()), now=clock())
    accounts.issue_token("jo@example.com", client="cli", now=clock())
    api_tokens.make(account.id, "Report", expires_in_days=7, read_only=True, now=clock())
    logins.log_in("jo@example.com", password=PASSWORD, client="web", now=clock())


def _report_session(project_id, status, clock):
    names = ("release", "environment", "app_version", "os_name", "app_id")
    report = SessionReport(
        session_id=bytes(16),
        status=SessionStatus(status),
        user_key=bytes(16),
        duration_ms=7,
        rises=True,
        errors=3,
        has_unhandled=True,
        abnormal_mechanism="anr_foreground",
        **dict.fromkeys(names, "x"),
    )
    sessions.record(project_id, report, now=clock(), started_at=clock())
    sums = [sessions.SessionSums({SessionStatus.EXITED: 1}, user_key=bytes(16))]
    sessions.record_sums(project_id, Names("x", "x"), sums, now=clock())


@pytest.mark.usefixtures("full_database")
class TestWithDataInEveryTable:
    def test_every_column_has_something_to_lose(self, content):
        assert [where for where, values in content().items() if not values] == []

    def test_each_step_down_that_deletes_is_refused_and_changes_nothing(self, downgrade, content):
        refusals = 0
        for revision, below in STEPS.items():
            before = content()
            try:
                downgrade(below)
            except SystemExit as refusal:
                refusals += 1
                assert "Nothing was changed" in str(refusal)
                assert content() == before, revision
                downgrade(below, delete_data=True)
            else:
                assert content().keys() >= before.keys(), revision
        assert refusals >= 3

    def test_refusal_names_every_table_and_column_that_would_go(self, downgrade, content):
        for revision, below in STEPS.items():
            before, said = content(), ""
            try:
                downgrade(below)
            except SystemExit as refusal:
                said = str(refusal)
                downgrade(below, delete_data=True)
            named = set(re.findall(r"\d+ (?:rows?|values?) of (\w+(?:\.\w+)?)", said))
            for column in before.keys() - content().keys():
                assert named & {column, column.partition(".")[0]}, (revision, column)

    def test_way_to_the_bottom_is_refused_as_a_whole(self, downgrade, content):
        """No step of it is done, though the first ones alone could be."""
        before = content()
        with pytest.raises(SystemExit, match="2 rows of feedback"):
            downgrade("base")
        assert content() == before

    def test_deleting_tells_what_is_gone(self, downgrade, content, capsys):
        downgrade("base", delete_data=True)
        assert content() == {}
        assert "Deleted 2 rows of feedback.\n" in capsys.readouterr().err

    def test_each_step_down_keeps_what_the_older_schema_knows(self, downgrade, content):
        for revision, below in STEPS.items():
            before = content()
            downgrade(below, delete_data=True)
            for where, values in content().items():
                if where in before and where not in REWRITTEN.get(revision, ()):
                    assert values == before[where], (revision, where)

    def test_each_step_up_again_keeps_everything(self, downgrade, upgrade, content):
        for revision, below in STEPS.items():
            downgrade(below, delete_data=True)
            before = content()
            upgrade(revision)
            after = content()
            for where, values in before.items():
                kept = where if where in after else MOVED[where]
                assert after[kept] == values, (revision, where)
            downgrade(below, delete_data=True)

    def test_upgrade_of_the_newest_schema_changes_nothing(self, upgrade, content):
        before = content()
        upgrade()
        assert content() == before

    def test_instance_with_accounts_has_had_its_first_one_after_the_upgrade(
        self, app, downgrade, upgrade
    ):
        downgrade("c41d8f0b27a9", delete_data=True)
        upgrade()
        with app.app_context(), read_transaction() as connection:
            assert accounts.have_been(connection)

    def test_database_that_went_down_and_up_serves_again(
        self, app, clock, downgrade, upgrade, client
    ):
        downgrade("base", delete_data=True)
        upgrade()
        with app.app_context():
            owner = accounts.create("a@b.example", password=PASSWORD, now=clock())
            token = projects.create("x", owner_id=owner.id, actor=None, now=clock()).token
        headers = {"X-Pionne-Token": token}
        response = client.post("/feedback", json={"message": "Hello"}, headers=headers)
        assert response.status_code == 202


def test_feedback_of_before_the_search_texts_is_found_after_the_upgrade(
    app, project, downgrade, upgrade, make_feedback, database
):
    """In more than one batch."""
    found = make_feedback(message="Sans ÉLAN", name="Bob")
    downgrade("d2f6b81e7c03", delete_data=True)
    database.execute(
        "INSERT INTO feedback (project_id, message, status, created_at)"
        f" SELECT {project.id}, f.message || a.id, f.status, f.created_at"
        " FROM feedback f, (WITH RECURSIVE n(id) AS"
        " (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 1500) SELECT id FROM n) a"
    )
    upgrade()
    with app.app_context():
        for words, ids in ((("élan", "bob"), [found]), (("élan1500",), [found + 1500])):
            assert [
                row.id for row in triage.list_page(project.id, limit=2, words=words).rows
            ] == ids
        counts = inbox.read_page(
            project.id, status=None, narrowing=inbox.Narrowing(words=("élan",)), limit=1
        ).counts
        assert counts["open"] == 1501


def test_issues_that_were_resolved_before_the_upgrade_were_resolved_when_the_audit_says(
    app, project, clock, downgrade, upgrade, make_event
):
    """And where it says nothing, not before their last event."""
    last_seen = clock()
    by_audit, silently, still_open = (make_event().issue_id for _ in range(3))
    clock.advance(hours=1)
    resolved_at = clock()
    with app.app_context():
        for issue_id in (by_audit, silently):
            issues.set_status(
                project.id, issue_id, status=IssueStatus.RESOLVED, actor=None, now=clock()
            )
        with write_transaction() as connection:
            moved = update(Issue).where(Issue.id == silently).values(id=silently + 100)
            connection.execute(delete(Event).where(Event.issue_id == silently))
            connection.execute(delete(IssueRelease).where(IssueRelease.issue_id == silently))
            connection.execute(moved)
    downgrade("4f1d7c6a90e2", delete_data=True)
    upgrade()
    with app.app_context(), read_transaction() as connection:
        found = connection.execute(select(Issue.id, Issue.resolved_at).order_by(Issue.id)).all()
    assert [tuple(row) for row in found] == [
        (by_audit, resolved_at),
        (still_open, None),
        (silently + 100, last_seen),
    ]


def test_deleted_projects_that_nobody_can_hold_are_to_be_purged_first(
    app, clock, downgrade, project, run, caplog
):
    with app.app_context(), write_transaction() as connection:
        connection.execute(update(Project).values(deleted_at=clock(), owner_id=None))
        connection.execute(delete(Account))
    with pytest.raises(SystemExit):
        downgrade("base", delete_data=True)
    assert "run `pionne-feedback retention run` first" in caplog.text

    assert run("retention", "run").exit_code == 0
    downgrade("base", delete_data=True)


def test_downgrade_of_an_empty_database_asks_nothing(downgrade, content):
    downgrade("base")
    assert content() == {}


def test_refusal_is_one_line_that_says_what_to_do(downgrade, make_feedback):
    make_feedback()
    with pytest.raises(SystemExit) as refused:
        downgrade("base")
    said = str(refused.value)
    assert "1 row of feedback" in said
    assert said.endswith("make a backup and repeat the command with `-x delete-data=yes`.")
    assert "\n" not in said


@pytest.fixture
def next_ids(app):
    """The id that the next row of each table gets, as SQLite remembers; None if it does not."""

    def read():
        with app.app_context(), read_transaction() as connection:
            marks = id_marks(connection)
            return {
                name: marks[name] + 1 if name in marks else None
                for name in inspect(connection).get_table_names()
                if "id" in {column["name"] for column in inspect(connection).get_columns(name)}
            }

    return read


@pytest.mark.sqlite_only("PostgreSQL alters tables where they are")
@pytest.mark.usefixtures("full_database")
class TestIdsOfRowsThatAreGone:
    @pytest.fixture
    def without_newest_rows(self, app, full_database):
        """Where each table's newest row has been deleted, and of some every row."""
        with app.app_context(), write_transaction() as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for table in sorted(id_marks(connection).keys() - {"audit_entries"}):  # guarded
                newest = f"(SELECT max(id) FROM {table})"
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE id = {newest}")

    @pytest.mark.usefixtures("without_newest_rows")
    def test_no_step_down_or_up_gives_them_out_again(self, downgrade, upgrade, next_ids):
        before = next_ids()
        for revision, below in STEPS.items():
            if below == "base":
                break
            downgrade(below, delete_data=True)
            kept = next_ids()
            assert kept == {name: before[name] for name in kept}, f"below {revision}"
        at_the_bottom = next_ids()
        upgrade()
        after = next_ids()
        assert {name: after[name] for name in at_the_bottom} == at_the_bottom

    def test_all_tables_that_a_step_keeps_go_on_counting(self, downgrade, upgrade, next_ids):
        """A copy that was made without AUTOINCREMENT would reuse ids from then on."""
        downgrade(list(STEPS.values())[-2], delete_data=True)
        assert None not in next_ids().values()
        upgrade()
        assert None not in next_ids().values()


def test_every_shipped_token_works_after_the_upgrade_and_the_newest_after_a_downgrade(
    app, client, clock, project, downgrade, upgrade
):
    def status(token):
        headers = {"X-Pionne-Token": token}
        return client.post("/feedback", json={"message": "Hello"}, headers=headers).status_code

    with app.app_context():
        newest = project_tokens.add(project.id, "Web", actor=None, now=clock()).token
    downgrade("5d0c7e19a3f4", delete_data=True)
    upgrade()
    assert (status(newest), status(project.token)) == (202, 401)
    with app.app_context():
        (row,) = project_tokens.list_of(project.id)
    assert (row.label, row.token_preview) == ("First token", newest[:13] + "...")


def test_api_tokens_do_not_become_logins_on_the_way_down_and_up(
    app, client, clock, owner, as_owner, downgrade, upgrade
):
    with app.app_context():
        script = api_tokens.make(
            owner.id, "Report", expires_in_days=None, read_only=True, now=clock()
        )
    with pytest.raises(SystemExit, match="1 value of user_tokens.access"):
        downgrade("a91c3e5d7f20")
    downgrade("a91c3e5d7f20", delete_data=True)
    upgrade()

    as_script = {"Authorization": f"Bearer {script.token}"}
    answers = [client.get("/api/auth/me", headers=each) for each in (as_script, as_owner)]
    assert [answer.status_code for answer in answers] == [401, 200]


def test_native_crashes_of_before_the_upgrade_happened_when_they_say(
    app, project, downgrade, upgrade, make_event, database, clock
):
    """And at their arrival where they tell no time, or one to come."""
    told = ["2026-05-01T10:00:00Z", None, "2026-06-01T10:00:00Z"]
    ids = [make_event().id for _ in told]
    ordinary = make_event().id
    downgrade("9a4c2f61e70d", delete_data=True)
    for each, at in zip(ids, told, strict=True):
        content = json.dumps({"native_crash": {"crashed_at": at}})
        database.execute(f"UPDATE events SET content = '{content}' WHERE id = {each}")
    upgrade()
    with app.app_context(), read_transaction() as connection:
        rows = dict(map(tuple, connection.execute(select(Event.id, Event.crashed_at))))
    at = datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert rows == dict(zip(ids, [at, clock(), clock()])) | {ordinary: None}
