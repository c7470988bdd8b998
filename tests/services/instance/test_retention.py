"""What a purge takes, what it leaves, and that it may stop anywhere."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.database import write_transaction
from app.domain.losses import LossKind, LossReason
from app.domain.roles import Role
from app.models import LoginChallenge, ReleaseUser, SentryId
from app.services import issues, losses
from app.services.feedback import triage
from app.services.instance import retention
from app.services.projects import invitations

DAYS = {"events": 30, "sessions": 90, "feedback": 60, "address hashes": 30}


@pytest.fixture
def settings(settings):
    """As by default, but feedback is not kept for ever."""
    return replace(settings, feedback_retention_days=DAYS["feedback"])


@pytest.fixture
def one_of_each(app, clock, project, ingest, record, record_sum, make_feedback):
    def make():
        event = ingest("a", release="1.0")
        record("exited", user="ann")
        record_sum(exited=1)
        make_feedback(event_id=event.id)
        losses.count(project.id, kind=LossKind.EVENT, reason=LossReason.LIMITED, now=clock())
        app.extensions["losses"].flush()
        app.extensions["event_bytes"].flush()
        named = {"project_id": project.id, "kind": "event", "sentry_id": uuid.uuid4().bytes}
        with write_transaction() as connection:
            connection.execute(insert(SentryId), {**named, "received_at": clock()})

    return make


@pytest.fixture
def counts(sql):
    """How many rows there are of each kind."""

    def read():
        queries = {
            "events": "SELECT count(*) FROM events",
            "sessions": "SELECT count(*) FROM sessions",
            "users of releases": "SELECT count(*) FROM release_users",
            "days of releases": "SELECT count(*) FROM release_days",
            "sums of sessions": "SELECT count(*) FROM session_sums",
            "feedback": "SELECT count(*) FROM feedback",
            "address hashes": "SELECT count(address_hash) FROM feedback",
            "losses": "SELECT count(*) FROM losses",
            "days of events": "SELECT count(*) FROM event_days",
            "ids of reports": "SELECT count(*) FROM sentry_ids",
        }
        return {what: sql(query)[0][0] for what, query in queries.items()}

    return read


@pytest.mark.parametrize("what", ["events", "feedback", "address hashes"])
def test_rows_go_when_they_are_older_than_the_setting(one_of_each, purge, counts, clock, what):
    one_of_each()
    clock.advance(days=DAYS[what])
    purge()
    assert counts()[what] == 1
    clock.advance(microseconds=1)
    purge()
    assert counts()[what] == 0


def test_sessions_and_their_figures_go_by_whole_days(record, purge, counts, clock):
    record("exited", user="ann")
    clock.time = clock.time.replace(hour=23, minute=59) + timedelta(days=DAYS["sessions"])
    purge()
    assert counts()["sessions"] == 1
    clock.advance(minutes=1)
    gone = purge()
    assert gone == {
        "sessions": 1,
        "users of releases": 2,
        "days of releases": 2,
        "days of new names": 1,
    }


def test_young_rows_stay(one_of_each, purge, counts, clock):
    one_of_each()
    clock.advance(days=200)
    one_of_each()
    purge()
    assert counts() == {
        "events": 1,
        "sessions": 1,
        "users of releases": 2,
        "days of releases": 2,
        "sums of sessions": 1,
        "feedback": 1,
        "address hashes": 1,
        "losses": 1,
        "days of events": 1,
        "ids of reports": 1,
    }


@pytest.mark.parametrize(
    ("setting", "kept"),
    [
        ("event_retention_days", {"events", "days of events", "ids of reports"}),
        (
            "session_retention_days",
            {"sessions", "users of releases", "days of releases", "sums of sessions"},
        ),
        ("feedback_retention_days", {"feedback"}),
        ("loss_retention_days", {"losses"}),
        ("address_hash_retention_days", set()),  # of deleted feedback they go anyway
    ],
)
def test_0_days_keep_for_ever(one_of_each, counts, clock, settings, setting, kept):
    one_of_each()
    clock.advance(days=5000)
    for each in retention.plan(replace(settings, **{setting: 0}), now=clock()):
        list(each.run())
    assert {what for what, count in counts().items() if count} == kept


def test_address_hashes_of_kept_feedback_stay_with_0_days(make_feedback, counts, clock, settings):
    keep_all = replace(settings, feedback_retention_days=0, address_hash_retention_days=0)
    make_feedback()
    clock.advance(days=5000)
    for each in retention.plan(keep_all, now=clock()):
        list(each.run())
    assert counts()["address hashes"] == 1


def test_plan_deletes_nothing(one_of_each, counts, clock, settings, sql):
    one_of_each()
    clock.advance(days=200)
    before = counts()
    retention.plan(settings, now=clock())
    assert counts() == before
    assert sql("SELECT count(*) FROM retention_horizons") == [(0,)]


def test_plan_counts_what_then_goes(one_of_each, clock, settings):
    for _ in range(3):
        one_of_each()
        clock.advance(days=40)
    purges = retention.plan(replace(settings, feedback_retention_days=0), now=clock())
    planned = {each.what: each.due for each in purges}
    assert {each.what: sum(each.run()) for each in purges} == planned
    assert planned == {
        "events": 3,
        "sessions": 1,
        "users of releases": 0,  # ann came back, and is one user all the time
        "days of releases": 2,
        "sums of sessions": 1,
        "days of new names": 1,
        "address hashes": 3,
        "losses": 1,
        "days of events": 3,
        "ids of reports": 3,
        "rows of deleted projects": 0,
        "logins without a code": 0,
        "expired invitations": 0,
    }


def test_invitations_go_when_nobody_can_use_them_any_more(project, purge, clock):
    invitations.invite(
        project.id, email="jo@example.com", role=Role.VIEWER, actor=None, now=clock()
    )
    clock.advance(days=14, microseconds=-1)
    assert purge()["expired invitations"] == 0
    clock.advance(microseconds=1)
    assert purge()["expired invitations"] == 1


def test_logins_that_nobody_finished_go_when_they_expire(owner, purge, clock):
    challenge = {"account_id": owner.id, "digest": bytes(32), "client": "web"}
    with write_transaction() as connection:
        connection.execute(
            insert(LoginChallenge), {**challenge, "expires_at": clock() + timedelta(minutes=5)}
        )
    assert purge()["logins without a code"] == 0
    clock.advance(minutes=5)
    assert purge()["logins without a code"] == 1


def test_feedback_survives_its_purged_event(one_of_each, purge, clock, stored_feedback, project):
    one_of_each()
    clock.advance(days=31)
    assert purge()["events"] == 1
    (row,) = stored_feedback()
    assert (row.event_id, row.issue_id) == (None, 1)
    assert [said.id for said in triage.of_release(project.id, "1.0", limit=5)] == [row.id]


def test_issue_survives_its_purged_events_with_its_counts(one_of_each, purge, clock, project):
    one_of_each()
    clock.advance(days=31)
    purge()
    detail = issues.read(project.id, 1)
    assert detail.events == []
    assert (detail.issue.events_count, detail.issue.releases) == (1, ["1.0"])


def test_address_hash_goes_with_the_key_of_duplicates(make_feedback, purge, clock, stored_feedback):
    make_feedback()
    clock.advance(days=31)
    make_feedback()
    purge()
    assert [(row.address_hash is None, row.duplicate_key is None) for row in stored_feedback()] == [
        (True, True),
        (False, False),
    ]


class TestInBatches:
    """It may be stopped after any batch; the next run takes the rest."""

    @pytest.fixture
    def three_old_rows(self, ingest, record, make_feedback, sql, clock):
        """Of each kind, with ids so far apart that each row is a batch of its own."""
        for user in ("ann", "bob", "eve"):
            ingest()
            record("crashed", user=user)
            make_feedback()
        sql("DELETE FROM feedback_texts")  # they point to the ids
        for table in ("events", "sessions", "feedback"):
            sql(f"UPDATE {table} SET id = id * 5000")
        clock.advance(days=200)

    @pytest.fixture
    def batches(self, settings, clock):
        """Runs the purge of this kind batch by batch."""

        def run(what):
            (purge,) = [each for each in retention.plan(settings, now=clock()) if each.what == what]
            yield from purge.run()

        return run

    @pytest.mark.usefixtures("three_old_rows")
    @pytest.mark.parametrize("what", ["events", "sessions", "feedback", "address hashes"])
    def test_interrupted_purge_is_finished_by_the_next_one(self, batches, counts, what):
        assert next(batches(what)) == 1
        assert counts()[what] == 2
        assert list(batches(what)) == [1, 1]
        assert counts()[what] == 0

    @pytest.mark.usefixtures("three_old_rows")
    def test_ledger_adds_up_after_every_batch(self, settings, clock, record, differences):
        record("crashed", user="ann")
        found = []
        for purge in retention.plan(settings, now=clock()):
            for _ in purge.run():
                found.append((purge.what, differences()))
        assert [what for what, _ in found if "s of " not in what] == [
            *["events"] * 3,
            *["sessions"] * 3,
            *["feedback"] * 3,
            "losses",
        ]
        assert [each for each in found if each[1]] == []

    @pytest.mark.usefixtures("three_old_rows")
    def test_young_rows_among_old_ones_stay(self, sql, database, batches, clock):
        now = database.moment(str(clock())[:19])
        sql("UPDATE events SET created_at = ? WHERE id = 10000", now)
        assert list(batches("events")) == [1, 0, 1]
        assert sql("SELECT id FROM events") == [(10000,)]

    @pytest.mark.parametrize(
        ("count", "expected"), [(0, [0]), (1999, [1999]), (2000, [2000, 0]), (2001, [2000, 1])]
    )
    def test_rows_without_an_id_go_2000_at_a_time(self, record, batches, clock, count, expected):
        record()
        user = {"release_id": 1, "newest_day": clock().date(), "newest_crashed_day": None}
        users = [{**user, "user_key": number.to_bytes(16, "big")} for number in range(count)]
        if users:
            with write_transaction() as connection:
                connection.execute(insert(ReleaseUser), users)
        clock.advance(days=200)
        assert list(batches("users of releases")) == expected


def test_other_projects_rows_are_purged_too(ingest, record, make_project, purge, clock):
    other = make_project("Another").id
    ingest(project_id=other)
    record(project_id=other)
    clock.advance(days=200)
    assert purge() == {
        "events": 1,
        "sessions": 1,
        "days of releases": 2,
        "days of new names": 1,
    }


def test_second_run_finds_nothing_to_do(one_of_each, purge, clock):
    one_of_each()
    clock.advance(days=200)
    purge()
    assert purge() == {}
