"""What was lost is added up in memory and stored in one go, and no count is lost on the way."""

import threading
from datetime import date

import pytest
from sqlalchemy import event, select

from app.database import read_transaction
from app.database.write_group import DatabaseBusy
from app.domain.losses import LossKind, LossReason, LossSource
from app.extensions import db
from app.models import Loss
from app.services import background_worker, losses, projects
from app.services.losses import ledger as loss_ledger

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def ledger(app):
    return app.extensions["losses"]


@pytest.fixture
def lose(clock, project):
    def count(project_id=project.id, **values):
        usual = {"kind": LossKind.FEEDBACK, "reason": LossReason.LIMITED, "now": clock()}
        losses.count(project_id, **usual | values)

    return count


def stored():
    columns = (Loss.project_id, Loss.day, Loss.source, Loss.kind, Loss.reason, Loss.quantity)
    with read_transaction() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def quantities():
    return [row[-1] for row in stored()]


def test_what_is_counted_is_stored_by_day_source_kind_and_reason(lose, ledger, project, clock):
    lose()
    lose(kind=LossKind.EVENT, reason=LossReason.INVALID)
    lose(source=LossSource.CLIENT, quantity=7)
    clock.advance(days=1)
    lose(quantity=2)
    ledger.flush()

    first, second = date(2026, 5, 7), date(2026, 5, 8)
    assert stored() == [
        (project.id, first, "client", "feedback", "limited", 7),
        (project.id, first, "server", "event", "invalid", 1),
        (project.id, first, "server", "feedback", "limited", 1),
        (project.id, second, "server", "feedback", "limited", 2),
    ]


def test_later_counts_are_added(lose, ledger):
    for quantity in (1, 2, 3):
        lose(quantity=quantity)
        ledger.flush()

    assert quantities() == [6]


def test_nothing_is_asked_of_the_database_when_something_is_counted(lose):
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

    for _ in range(1000):
        lose()

    assert statements == []


def test_thousands_of_counts_are_one_commit(lose, ledger):
    lose()
    ledger.flush()  # connections are made
    commits = []
    event.listen(db.engine, "commit", lambda connection: commits.append(connection))

    for _ in range(2000):
        lose()
        lose(reason=LossReason.INVALID)
    ledger.flush()

    assert len(commits) == 1
    assert sorted(quantities()) == [2000, 2001]


def test_nothing_is_written_when_nothing_was_counted(ledger):
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

    ledger.flush()

    assert statements == []


def test_newest_app_that_was_named_is_kept(lose, ledger):
    for named_app in ("com.acme.alpha", "com.acme.beta", None):
        lose(reason=LossReason.BUNDLE_MISMATCH, named_app=named_app)
    ledger.flush()
    lose(reason=LossReason.BUNDLE_MISMATCH)
    ledger.flush()

    with read_transaction() as connection:
        assert connection.execute(select(Loss.named_app)).scalar_one() == "com.acme.beta"
    lose(reason=LossReason.BUNDLE_MISMATCH, named_app="com.acme.gamma")
    ledger.flush()
    with read_transaction() as connection:
        assert connection.execute(select(Loss.named_app)).scalar_one() == "com.acme.gamma"


def test_a_project_that_is_deleted_by_then_costs_nobody_elses_counts(
    app, lose, ledger, project, make_project, clock
):
    app.extensions["background_purge"].stop()
    other = make_project("Other")
    lose()
    lose(other.id)
    lose(project_id=other.id + 1000)
    projects.mark_deleted(other.id, confirm="Other", actor=None, now=clock())
    ledger.flush()

    assert [(row[0], row[-1]) for row in stored()] == [(project.id, 1)]


def test_more_rows_than_a_transaction_takes_are_stored_in_several(lose, ledger, monkeypatch):
    monkeypatch.setattr(loss_ledger, "_ROWS_EACH_COMMIT", 2)
    for kind in LossKind:
        lose(kind=kind)
    ledger.flush()

    assert quantities() == [1] * len(LossKind)


class TestWhileTheDatabaseFails:
    @pytest.fixture
    def failures(self, monkeypatch):
        """How many writes are to fail; counted down."""
        left = [0]
        real = loss_ledger.write

        def fail(work):
            if left[0]:
                left[0] -= 1
                raise DatabaseBusy
            return real(work)

        monkeypatch.setattr(loss_ledger, "write", fail)
        return left

    def test_counts_wait_for_it_and_new_ones_are_added(self, lose, ledger, failures):
        failures[0] = 1
        lose(named_app="com.acme.old")
        lose(kind=LossKind.EVENT)
        with pytest.raises(DatabaseBusy):
            ledger.flush()
        assert stored() == []

        lose(named_app="com.acme.new")
        ledger.flush()

        assert sorted(quantities()) == [1, 2]
        with read_transaction() as connection:
            found = connection.execute(select(Loss.named_app).where(Loss.quantity == 2))
            assert found.scalar_one() == "com.acme.new"

    def test_what_was_stored_before_it_failed_is_not_stored_twice(
        self, lose, ledger, failures, monkeypatch
    ):
        monkeypatch.setattr(loss_ledger, "_ROWS_EACH_COMMIT", 1)
        lose(kind=LossKind.EVENT)
        lose(kind=LossKind.FEEDBACK)
        real = loss_ledger.write

        def only_first(work):
            monkeypatch.setattr(loss_ledger, "write", real)
            result = real(work)
            failures[0] = 1
            return result

        monkeypatch.setattr(loss_ledger, "write", only_first)
        with pytest.raises(DatabaseBusy):
            ledger.flush()
        assert quantities() == [1]
        ledger.flush()

        assert quantities() == [1, 1]

    def test_it_is_tried_again_by_itself(self, lose, ledger, failures, monkeypatch):
        monkeypatch.setattr(background_worker, "RETRY_SECONDS", 0)
        monkeypatch.setattr(ledger.writer, "wait_seconds", 0)
        failures[0] = 3
        lose()

        ledger.writer.finish()

        assert quantities() == [1]

    def test_a_stop_tries_once_more_and_says_what_is_lost(self, lose, ledger, failures, log_lines):
        failures[0] = 2
        lose(quantity=41)

        ledger.stop()

        assert stored() == []
        assert any("The counts of 41 refusals are lost" in line for line in log_lines)


class TestTheThread:
    def test_it_stores_by_itself_and_ends_when_there_is_no_more(self, lose, ledger, monkeypatch):
        monkeypatch.setattr(ledger.writer, "wait_seconds", 0)
        for _ in range(3):
            lose()
            ledger.writer.finish()

        assert quantities() == [3]
        assert [each for each in threading.enumerate() if each.name == "losses"] == []

    def test_a_stop_stores_what_is_there(self, lose, ledger):
        lose(quantity=5)

        ledger.stop()

        assert quantities() == [5]

    def test_there_is_one_however_much_is_counted(self, lose):
        for _ in range(100):
            lose()

        assert len([each for each in threading.enumerate() if each.name == "losses"]) == 1

    def test_no_count_is_lost_between_threads_that_count_and_one_that_stores(
        self, app, lose, ledger, monkeypatch
    ):
        monkeypatch.setattr(ledger.writer, "wait_seconds", 0)

        def count_many():
            with app.app_context():
                for _ in range(500):
                    lose()

        threads = [threading.Thread(target=count_many) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ledger.stop()

        assert quantities() == [2000]


def test_processes_that_store_at_once_add_up(app, lose, project, clock):
    """Each has counted in another order."""
    keys = [(kind, reason) for kind in LossKind for reason in LossReason]
    ledgers = [loss_ledger.LossLedger(app) for _ in range(4)]
    for number, ledger in enumerate(ledgers):
        for kind, reason in keys[number:] + keys[:number]:
            key = loss_ledger.LossKey(project.id, clock().date(), LossSource.SERVER, kind, reason)
            ledger.add(key, 1, None)

    def store(ledger):
        with app.app_context():
            ledger.flush()

    threads = [threading.Thread(target=store, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ledger in ledgers:
        ledger.stop()

    assert quantities() == [4] * len(keys)
