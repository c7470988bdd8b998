"""Deleted projects: gone at once, purged in batches, by whoever gets to it."""

import threading
import uuid

import pytest
from sqlalchemy import delete, event, func, insert, select

from app.database import read_transaction, write_transaction
from app.database.write_group import DatabaseBusy
from app.domain.audit_action import AuditAction
from app.domain.losses import LossKind, LossReason
from app.domain.roles import Role
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.extensions import db
from app.models import Account, AuditEntry, DiskShare, Event, Feedback, IssueFingerprint, SentryId
from app.services import background_worker, losses, projects, sessions
from app.services.errors import Invalid, NotFound
from app.services.pages import project_summaries
from app.services.projects import invitations
from app.services.projects import purge as project_purge
from app.services.projects import senders
from app.services.releases.names import Names
from app.services.sessions import ledger as session_ledger

pytestmark = pytest.mark.usefixtures("context")

EMPTIED = (
    "feedback_texts",
    "feedback",
    "events",
    "issue_fingerprints",
    "issue_releases",
    "issues",
    "sessions",
    "session_sums",
    "release_users",
    "release_days",
    "releases",
    "losses",
    "new_names",
    "event_days",
    "sentry_ids",
    "disk_shares",
    "audit_entries",
    "invitations",
    "project_members",
    "project_tokens",
    "projects",
)


@pytest.fixture
def no_thread(app):
    """Deleting leaves all to whoever purges next."""
    app.extensions["background_purge"].stop()


@pytest.fixture
def fill(app, make_feedback, make_event, make_member, clock):
    """Something in each table that hangs on a project."""

    def one_of_each(project_id: int) -> None:
        stored = make_event(project_id=project_id)
        make_feedback(project_id=project_id, event_id=stored.id)
        known_by = {"project_id": project_id, "fingerprint": bytes(32)}
        with write_transaction() as connection:
            connection.execute(insert(IssueFingerprint), {**known_by, "issue_id": stored.issue_id})
        report = SessionReport(
            session_id=uuid.uuid4().bytes,
            status=SessionStatus.CRASHED,
            release="1.0",
            environment="production",
            user_key=bytes(16),
        )
        sessions.record(project_id, report, now=clock())
        sums = [sessions.SessionSums({SessionStatus.EXITED: 1}, user_key=bytes(16))]
        sessions.record_sums(project_id, Names("1.0", "production"), sums, now=clock())
        losses.count(project_id, kind=LossKind.EVENT, reason=LossReason.LIMITED, now=clock())
        app.extensions["losses"].flush()
        app.extensions["event_bytes"].flush()
        share = {"project_id": project_id, "of_table": "events", "rows_kept": 1, "bytes_kept": 9}
        with write_transaction() as connection:
            connection.execute(insert(DiskShare), {**share, "counted_at": clock()})
            named = {"project_id": project_id, "kind": "event", "sentry_id": bytes(16)}
            connection.execute(insert(SentryId), {**named, "received_at": clock()})
        make_member(f"member{project_id}@example.com", project_id=project_id)
        email = f"guest{project_id}@example.com"
        invitations.invite(project_id, email=email, role=Role.VIEWER, actor=None, now=clock())

    return one_of_each


@pytest.fixture
def row_counts(database_rows):
    def count() -> dict[str, int]:
        return {table: database_rows(f"SELECT count(*) FROM {table}")[0][0] for table in EMPTIED}

    return count


@pytest.fixture
def mark(clock):
    def mark_deleted(project, *, confirm: str | None = None) -> None:
        projects.mark_deleted(project.id, confirm=confirm or project.name, actor=None, now=clock())

    return mark_deleted


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(project_purge, "_BATCH_ROWS", 3)


def test_the_tables_that_are_emptied_are_all_that_hang_on_a_project():
    parents = {"projects", "releases", "issues", "events", "feedback"}
    hanging = {
        table.name
        for table in db.metadata.tables.values()
        if any(key.column.table.name in parents for key in table.foreign_keys)
    }
    assert hanging | {"projects"} == set(EMPTIED)


@pytest.mark.usefixtures("no_thread")
def test_a_purge_takes_all_of_a_deleted_project_and_nothing_of_another(
    project, make_project, fill, mark, row_counts
):
    fill(project.id)
    kept = row_counts()
    other = make_project("Other")
    fill(other.id)
    mark(other)

    list(project_purge.run())

    assert row_counts() == kept


@pytest.mark.usefixtures("no_thread")
def test_what_is_due_is_what_goes(project, fill, mark):
    fill(project.id)
    assert project_purge.due() == 0
    mark(project)

    due = project_purge.due()

    assert due == sum(project_purge.run())
    assert project_purge.due() == 0


@pytest.mark.usefixtures("no_thread", "small_batches")
def test_no_batch_is_larger_than_it_should_be(project, fill_feedback, mark):
    fill_feedback(10)
    mark(project)

    assert max(project_purge.run()) == 3


@pytest.mark.usefixtures("no_thread", "small_batches")
def test_an_interrupted_purge_goes_on_where_it_was(project, fill_feedback, mark, row_counts):
    fill_feedback(10)
    mark(project)
    before = sum(row_counts().values())
    purge = project_purge.run()
    gone = next(filter(None, purge))  # from the first table that has rows
    purge.close()
    assert (gone, sum(row_counts().values())) == (3, before - 3)

    list(project_purge.run())

    assert row_counts()["projects"] == 0


@pytest.mark.usefixtures("no_thread", "small_batches")
def test_two_purges_at_once_harm_each_other_in_nothing(project, fill_feedback, mark, row_counts):
    fill_feedback(20)
    mark(project)

    for _ in zip(project_purge.run(), project_purge.run(), strict=False):
        pass
    list(project_purge.run())

    assert row_counts() == dict.fromkeys(EMPTIED, 0)


def rows_changed(connection):
    """By this connection or transaction so far, those of cascades included."""
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql("SELECT total_changes()").scalar()
    total = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
    return int(connection.exec_driver_sql(total).scalar())


@pytest.mark.usefixtures("no_thread")
def test_no_row_of_a_batch_drags_others_along(project, fill, mark):
    """What a cascade would take is gone before its turn: each statement deletes what it counts."""
    fill(project.id)
    mark(project)
    counted, changed = [], []

    @event.listens_for(db.engine, "before_cursor_execute")
    def note_before(connection, cursor, statement, *_):
        if statement.startswith("DELETE"):
            changed.append(-rows_changed(connection))

    @event.listens_for(db.engine, "after_cursor_execute")
    def note_after(connection, cursor, statement, *_):
        if statement.startswith("DELETE"):
            counted.append(cursor.rowcount)
            changed[-1] += rows_changed(connection)

    list(project_purge.run())

    assert sum(counted) > len(EMPTIED)
    assert changed == counted


@pytest.mark.usefixtures("no_thread")
def test_a_row_written_by_a_request_that_was_let_in_before_goes_too(project, mark, clock):
    mark(project)
    purge = project_purge.run()
    next(purge), next(purge)  # feedback is done, with its texts
    with write_transaction() as connection:
        late = {"project_id": project.id, "message": "Late", "status": "open"}
        connection.execute(insert(Feedback), {**late, "created_at": clock()})

    list(purge)

    with read_transaction() as connection:
        assert connection.execute(select(func.count()).select_from(Feedback)).scalar() == 0


@pytest.mark.usefixtures("no_thread")
def test_a_deleted_project_is_found_by_no_query(project, mark, clock):
    mark(project)

    assert senders.find(project.token) is None
    assert projects.list_all() == []
    for refused in (
        lambda: projects.require_exists(project.id),
        lambda: project_summaries.read(project.id, now=clock()),
        lambda: projects.rotate_token(project.id, actor=None, now=clock()),
        lambda: projects.change(project.id, {"name": "New"}, actor=None, now=clock()),
        lambda: mark(project),
    ):
        with pytest.raises(NotFound):
            refused()


@pytest.mark.usefixtures("no_thread")
def test_a_deleted_project_has_no_token(project, mark, database_rows):
    mark(project)
    assert list(database_rows("SELECT digest FROM project_tokens")) == []


@pytest.mark.usefixtures("no_thread")
def test_a_wrong_name_deletes_nothing(project, mark):
    with pytest.raises(Invalid):
        mark(project, confirm="Another")

    projects.require_exists(project.id)


@pytest.mark.usefixtures("no_thread")
@pytest.mark.parametrize("confirm", ["Garden  shop", "Garden shop"])
def test_blanks_of_the_name_may_be_typed_as_pages_show_them(mark, make_project, confirm):
    project = make_project("Garden  shop")
    mark(project, confirm=confirm)

    with pytest.raises(NotFound):
        projects.require_exists(project.id)


@pytest.mark.usefixtures("no_thread")
def test_words_of_the_name_may_not_be_joined(mark, make_project):
    with pytest.raises(Invalid):
        mark(make_project("Garden shop"), confirm="Gardenshop")


@pytest.mark.usefixtures("no_thread")
def test_deleting_is_audited_until_the_purge(project, mark):
    mark(project)

    with read_transaction() as connection:
        actions = connection.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars()
        assert list(actions) == [AuditAction.PROJECT_CREATED, AuditAction.PROJECT_DELETED]


@pytest.mark.usefixtures("no_thread")
def test_an_account_goes_without_its_projects_rows(
    project, make_project, make_account, owner, fill_feedback, row_counts, clock
):
    """Else deleting the account would cascade to all of them in one transaction."""
    make_project("Second")
    theirs = make_project("Theirs", owner_id=make_account("other@example.com").id)
    fill_feedback(5)

    with write_transaction() as connection:
        projects.mark_owned(connection, owner.id, now=clock())
        connection.execute(delete(Account).where(Account.id == owner.id))

    assert [row.id for row in projects.list_all()] == [theirs.id]
    assert row_counts()["feedback"] == 5
    assert senders.find(project.token) is None


@pytest.mark.usefixtures("no_thread")
def test_the_ledger_adds_up_while_a_purge_is_halfway(project, fill, mark):
    fill(project.id)
    mark(project)
    for model in (Event, Feedback):
        with write_transaction() as connection:
            connection.execute(delete(model))
    with write_transaction() as connection:
        connection.exec_driver_sql("DELETE FROM release_users")

    assert list(session_ledger.verify()) == []


def test_deleting_starts_the_purge_by_itself(app, project, fill, mark, row_counts):
    fill(project.id)
    mark(project)

    app.extensions["background_purge"].finish()

    assert row_counts() == dict.fromkeys(EMPTIED, 0)


def test_there_is_one_thread_however_many_are_deleted(app, make_project, mark, monkeypatch):
    has_begun, going_on, running = threading.Event(), threading.Event(), []

    def slow_run():
        running.append(threading.current_thread())
        has_begun.set()
        going_on.wait(10)
        yield 0

    monkeypatch.setattr(project_purge, "run", slow_run)
    for number in range(3):
        mark(make_project(f"Project {number}"))
        assert has_begun.wait(10)

    threads = [t for t in threading.enumerate() if t.name == "background_purge"]
    going_on.set()
    app.extensions["background_purge"].finish()

    assert len(threads) == 1
    assert threads[0].daemon
    assert len(running) == 2  # the second run sees what was deleted during the first


def test_a_failure_is_logged_and_tried_again(
    app, project, mark, monkeypatch, log_lines, row_counts
):
    monkeypatch.setattr(background_worker, "RETRY_SECONDS", 0)
    real_run, attempts = project_purge.run, []

    def run_and_fail_once():
        attempts.append(1)
        if len(attempts) == 1:
            raise DatabaseBusy
        return real_run()

    monkeypatch.setattr(project_purge, "run", run_and_fail_once)
    mark(project)
    app.extensions["background_purge"].finish()

    assert row_counts()["projects"] == 0
    assert [line for line in log_lines if '"cause": "locked"' in line]


@pytest.mark.usefixtures("small_batches")
def test_a_process_that_ends_stops_after_the_batch_in_hand(
    app, project, fill_feedback, mark, monkeypatch, row_counts
):
    purge = app.extensions["background_purge"]
    real_run, first_batch = project_purge.run, threading.Event()

    def run_and_tell():
        for rows in real_run():
            if rows:
                purge.stopping.set()
                first_batch.set()
            yield rows

    monkeypatch.setattr(project_purge, "run", run_and_tell)
    fill_feedback(10)
    before = sum(row_counts().values())
    mark(project)
    assert first_batch.wait(10)
    purge.stop()

    # Deleting takes the token at once, and adds an entry to the audit.
    assert sum(row_counts().values()) == before - 3
    assert row_counts()["projects"] == 1
    assert senders.find(project.token) is None
