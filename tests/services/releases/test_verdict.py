"""Whether a release crashes more often than the one before, by its kept figures and its crashes."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from app.database import write_transaction
from app.domain.release_health import Window
from app.domain.user_key import user_key
from app.models import Release, Session
from app.services.errors import Invalid
from app.services.releases import verdicts
from app.services.releases.verdicts import Unit


@pytest.fixture
def fill(record, sql, clock):
    """So many sessions of a release today, written straight into its figures."""

    def release(name, *, sessions=1, crashed=0, users=0, users_crashed=0, **fields):
        record(release=name, **fields)
        sql(
            "UPDATE release_days SET ok = ?, crashed = ?, users_active = ?, users_newest = ?,"
            " users_newest_crashed = ?"
            " WHERE day = ? AND release_id IN (SELECT id FROM releases WHERE name = ?)",
            *(sessions - crashed, crashed, users, users, users_crashed),
            *(clock().date().isoformat(), name),
        )

    return release


@pytest.fixture
def crash(context, project, clock):
    """Crashed sessions today, told past the service: `users` is how many each user has."""

    def sessions(name, users, *, environment="production", lasting=timedelta(seconds=5)):
        with write_transaction() as connection:
            release_id = connection.execute(
                select(Release.id).where(Release.name == name, Release.environment == environment)
            ).scalar_one()
            rows = [
                {
                    "project_id": project.id,
                    "session_id": uuid.uuid4().bytes,
                    "release_id": release_id,
                    "day": clock().date(),
                    "status": "crashed",
                    "user_key": user_key(f"{name} {number}"),
                    "started_at": clock(),
                    "ended_at": clock() + lasting,
                }
                for number, count in enumerate(users)
                for _ in range(count)
            ]
            connection.execute(insert(Session), rows)

    return sessions


@pytest.fixture
def compare(project, clock):
    def judge(release="2.0", against="1.0", *, unit="sessions", tolerance=0.01, settle=0, **window):
        return verdicts.compare(
            project.id,
            Window(today=clock().date(), **window),
            release=release,
            against=against,
            unit=Unit(unit),
            tolerance=tolerance,
            settle=settle,
        )

    return judge


class TestWord:
    @pytest.mark.parametrize(
        ("crashed", "word", "reason"),
        [
            (
                40,
                "fail",
                "2.0 crashes more often than 1.0: 2.00 % of its sessions crashed against 0.40 % on"
                " the same day; no session names its user, so each is taken for another person's.",
            ),
            (
                8,
                "pass",
                "2.0 does not crash noticeably more often than 1.0: 0.40 % of its sessions crashed"
                " against 0.40 % on the same day; a loss of 1.00 % is excluded; the tolerance is"
                " more than twice the rate of 1.0, so even a release that crashes 4 times as often"
                " would pass: a smaller one tells more; no session names its user, so each is"
                " taken for another person's.",
            ),
        ],
    )
    def test_comes_with_a_reason_that_needs_no_statistics(
        self, fill, compare, crashed, word, reason
    ):
        fill("1.0", sessions=2000, crashed=8)
        fill("2.0", sessions=2000, crashed=crashed)
        judged = compare()
        assert (judged.verdict, judged.reason) == (word, reason)
        assert judged.sessions_needed == 0

    def test_that_is_missing_says_about_how_many_sessions_it_may_take(self, fill, compare):
        fill("1.0", sessions=1000, crashed=10)
        fill("2.0", sessions=1000, crashed=10)
        judged = compare()
        assert judged.verdict == "undecided"
        assert judged.sessions_needed == 1200
        assert judged.reason.startswith(
            "Too few sessions to be certain: 1.00 % of the sessions of 2.0 crashed and 1.00 % of"
            " those of 1.0 on the same day; about 1,200 more sessions of 2.0 may decide it"
        )

    def test_has_the_figures_of_both_sides(self, fill, compare, clock):
        fill("1.0", sessions=2000, crashed=8, users=2000)
        fill("2.0", sessions=2000, crashed=40, users=2000)
        judged = compare()
        assert (judged.new.sessions, judged.new.crashed, judged.new.users) == (2000, 40, 2000)
        assert (judged.new.crash_rate, judged.old.crash_rate) == (0.02, 0.004)
        assert judged.new.crash_rate_interval == pytest.approx((0.0147, 0.0271), abs=0.0001)
        assert 0 < judged.interval[0] < 0.016 < judged.interval[1]
        assert judged.days == (clock().date(),)
        assert judged.against == "1.0"

    def test_of_releases_that_many_users_have_is_the_sessions(self, fill, compare):
        """One session of each old user, ten of each new one, and one rate: the same."""
        fill("1.0", sessions=1000, crashed=2, users=1000, users_crashed=2)
        fill("2.0", sessions=10_000, crashed=20, users=1000, users_crashed=20)
        assert compare().verdict == "pass"

    def test_is_of_the_days_that_both_have(self, fill, compare, clock):
        """1.0 crashed seldom on days that 2.0 does not have: they count for neither."""
        for _ in range(12):
            fill("1.0", sessions=600, crashed=1)
            clock.advance(days=1)
        fill("1.0", sessions=2000, crashed=38)
        fill("2.0", sessions=2000, crashed=38)
        judged = compare()
        assert judged.days == (clock().date(),)
        assert (judged.old.sessions, judged.old.crash_rate) == (2000, 0.019)
        assert judged.verdict == "undecided"

    def test_takes_the_same_mix_of_days_for_both(self, fill, compare, clock):
        """A bad day for both, with other shares on it, tells nothing; sums would."""
        fill("1.0", sessions=9500, crashed=19)
        fill("2.0", sessions=500, crashed=1)
        clock.advance(days=1)
        fill("1.0", sessions=1000, crashed=40)
        fill("2.0", sessions=9000, crashed=360)
        judged = compare()
        assert judged.new.crash_rate == pytest.approx(judged.old.crash_rate)
        assert judged.verdict == "undecided"

    def test_without_a_common_day_says_so(self, fill, compare, clock):
        fill("1.0", sessions=1000)
        clock.advance(days=1)
        fill("2.0", sessions=1000)
        judged = compare()
        assert judged.verdict == "undecided"
        assert judged.reason == (
            "2.0 and 1.0 had no sessions on the same day, and only sessions of one day are"
            " compared; let both run side by side for a while."
        )
        assert (judged.interval, judged.new, judged.sessions_needed) == (None, None, None)

    def test_says_when_the_old_release_has_gone(self, fill, compare, clock):
        fill("1.0", sessions=300, crashed=3)
        fill("2.0", sessions=300, crashed=3)
        clock.advance(days=1)
        fill("1.0", sessions=10)
        fill("2.0", sessions=3000, crashed=30)
        assert "hardly anybody uses 1.0 any more, so waiting adds little" in compare().reason

    def test_of_a_release_against_itself_passes_once_there_is_enough(self, fill, compare):
        fill("1.0", sessions=1000, crashed=1)
        assert compare("1.0", "1.0").verdict == "pass"


class TestMissing:
    @pytest.mark.parametrize(
        ("release", "against", "missing"),
        [
            ("2.0", "3.0", "2.0 or 3.0"),
            ("2.0", "1.0", "2.0"),
            ("1.0", "2.0", "2.0"),
            ("2.0", None, "2.0"),
            ("\x00", "1.0", "\x00"),
        ],
    )
    def test_release_is_undecided_and_named(self, fill, compare, release, against, missing):
        fill("1.0", sessions=1000)
        judged = compare(release, against)
        assert judged.verdict == "undecided"
        assert judged.reason == f"No session of {missing} began in the last 14 days."

    def test_day_is_outside_of_the_window(self, fill, compare, clock):
        fill("1.0", sessions=1000)
        fill("2.0", sessions=1000)
        clock.advance(days=3)
        fill("2.0", sessions=1000)
        assert compare(days=4).verdict == "pass"
        assert compare(days=3).reason == "No session of 1.0 began in the last 3 days."

    def test_environment_has_none(self, fill, compare):
        fill("1.0", sessions=1000)
        fill("2.0", sessions=1000)
        assert compare(environment="production").verdict == "pass"
        assert compare(environment="staging").verdict == "undecided"


class TestDefault:
    @pytest.mark.parametrize(
        ("others", "against"),
        [
            (["1.9.0", "1.10.0", "2.1.0"], "1.10.0"),
            (["2.0.0-beta.2", "2.0.0-beta.11", "1.9.0"], "2.0.0-beta.11"),
            (["com.acme.app@1.9.0", "app@2.3.0"], "com.acme.app@1.9.0"),
            (["blue", "green"], "green"),
            (["1.9.0", "other", "unknown"], "1.9.0"),
        ],
    )
    def test_is_the_newest_release_before(self, fill, compare, clock, others, against):
        for name in others:
            fill(name, sessions=1000)
            clock.advance(minutes=1)
        fill("2.0.0", sessions=1000)
        judged = compare("2.0.0", None)
        assert (judged.against, judged.verdict) == (against, "pass")

    def test_had_sessions_on_one_of_its_days(self, fill, compare, clock):
        fill("1.9.0", sessions=1000)
        clock.advance(days=1)
        fill("1.8.0", sessions=1000)
        fill("2.0.0", sessions=1000)
        assert compare("2.0.0", None).against == "1.8.0"

    def test_may_not_be_there(self, fill, compare):
        fill("2.0.0", sessions=1000)
        fill("2.1.0", sessions=1000)
        judged = compare("2.0.0", None)
        assert (judged.verdict, judged.against) == ("undecided", None)
        assert judged.reason.startswith("No older release had sessions on the days of 2.0.0")


class TestUsersAsClusters:
    def test_ten_crashes_of_one_user_are_worth_one(self, fill, crash, compare):
        fill("1.0", sessions=5000, crashed=10, users=500)
        fill("2.0", sessions=1000, crashed=20, users=100)
        assert compare().verdict == "fail"
        crash("2.0", [10, 10])
        judged = compare()
        assert judged.verdict == "undecided"
        # 20 crashes, 10² + 10² by user, 10 sessions a user, of which 2 % crash.
        assert judged.new.design_effect == pytest.approx((200 / 20 - 0.2) / 0.98, abs=0.005)

    def test_crashes_of_one_user_in_two_environments_are_of_one(self, fill, crash, compare):
        fill("1.0", sessions=100)
        fill("2.0", environment="staging")
        fill("2.0", sessions=400, crashed=12, users=40)
        crash("2.0", [3] * 2)
        crash("2.0", [3] * 2, environment="staging")
        assert compare().new.design_effect == pytest.approx((6 - 0.3) / 0.97, abs=0.005)
        assert compare(environment="staging").new is None

    def test_only_the_common_days_count(self, fill, crash, compare, clock):
        fill("2.0", sessions=100, crashed=5, users=10)
        crash("2.0", [5])
        clock.advance(days=1)
        fill("2.0", sessions=100, crashed=2, users=100)
        fill("1.0", sessions=100)
        crash("2.0", [1, 1])
        judged = compare()
        assert (judged.new.crashed, judged.new.users, judged.new.design_effect) == (2, 100, 1)

    def test_of_many_crashes_a_fair_draw_of_users_tells_as_much(self, fill, crash, compare):
        fill("1.0", sessions=20_000, crashed=100)
        fill("2.0", sessions=20_000, crashed=5000, users=2000)
        crash("2.0", [4] * 1250)
        judged = compare()
        # S/C is 4 in any draw.
        assert judged.new.design_effect == pytest.approx((4 - 2.5) / 0.75, abs=0.005)


class TestLateCrashes:
    @pytest.fixture
    def late(self, fill, crash):
        fill("1.0", sessions=2000, crashed=4)
        fill("2.0", sessions=2000, crashed=4)
        crash("1.0", [1] * 3)
        crash("1.0", [1], lasting=timedelta(hours=25))

    def test_keep_a_release_from_passing(self, late, compare):
        judged = compare()
        assert judged.verdict == "undecided"
        assert judged.late == 0.25
        assert judged.reason.startswith(
            "2.0 looks no worse than 1.0, but 25.00 % of the crashes of 1.0 were reported more"
            " than a day late, so newest days look healthier than they were: ask with settle=2"
        )

    def test_do_not_once_days_have_settled(self, late, compare, clock):
        today = clock().date()
        assert compare(settle=1).verdict == "undecided"
        clock.advance(days=2)
        assert compare(settle=2).verdict == "pass"
        assert compare(settle=2).settled_until == today
        assert compare(settle=3).verdict == "undecided"

    def test_never_keep_one_from_failing(self, late, fill, compare):
        fill("2.0", sessions=2000, crashed=60)
        assert compare().verdict == "fail"
        assert compare(settle=7).verdict == "fail"

    def test_are_of_the_old_release_and_of_two_weeks(self, late, compare, fill, clock):
        assert compare("1.0", "2.0").late is None
        clock.advance(days=14)
        fill("1.0", sessions=10)
        fill("2.0", sessions=10)
        assert compare(days=30).late is None

    def test_of_some_days_only_count_for_a_pass_with_their_own_crashes(
        self, fill, crash, compare, clock
    ):
        fill("1.0", sessions=4000, crashed=20, users=400)
        fill("2.0", sessions=4000, crashed=20, users=400)
        crash("2.0", [1] * 20)
        assert compare().verdict == "pass"
        clock.advance(days=1)
        fill("1.0", sessions=400, crashed=2, users=40)
        fill("2.0", sessions=400, crashed=5, users=40)
        crash("2.0", [5])
        judged = compare(settle=1)
        assert judged.verdict == "pass"
        assert len(judged.days) == 2


def test_release_older_than_the_window_slides(fill, compare, clock):
    for _ in range(4):
        fill("1.0", sessions=100)
        fill("2.0", sessions=100)
        clock.advance(days=1)
    assert compare(days=5).sliding is False
    assert compare(days=4).sliding is True


class TestUsers:
    @pytest.mark.parametrize(("crashed", "word"), [(5, "pass"), (12, "undecided"), (100, "fail")])
    def test_are_compared_for_one_look(self, fill, compare, crashed, word):
        fill("1.0", sessions=9000, crashed=4000, users=1000, users_crashed=5)
        fill("2.0", sessions=9000, crashed=10, users=1000, users_crashed=crashed)
        judged = compare(unit="users")
        assert judged.verdict == word
        assert judged.reason.startswith("Users who crashed: ")
        assert "This is for one look" in judged.reason

    def test_have_the_old_interval_as_losses(self, fill, compare):
        fill("1.0", users=412, users_crashed=2)
        fill("2.0", users=10, users_crashed=1)
        judged = compare(unit="users")
        assert judged.reason.startswith(
            "Users who crashed: 10.00 % of 10 against 0.49 % of 412; the difference is between"
            " +1.21 and +39.93 percentage points (95 %): too few users to be certain."
        )
        assert judged.interval == pytest.approx((0.0121, 0.3993), abs=0.00005)
        assert (judged.new.users, judged.new.crash_rate) == (10, 0.1)

    def test_are_of_the_common_days(self, fill, compare, clock):
        fill("1.0", users=1000, users_crashed=900)
        clock.advance(days=1)
        fill("1.0", users=500, users_crashed=2)
        fill("2.0", users=500, users_crashed=2)
        assert compare(unit="users").old.crash_rate == 0.004

    def test_must_be_named(self, fill, compare):
        fill("1.0", sessions=1000)
        fill("2.0", sessions=1000)
        judged = compare(unit="users")
        assert judged.verdict == "undecided"
        assert judged.reason == "No session of 2.0 or of 1.0 names its user on their common days."

    def test_cannot_settle(self, fill, compare):
        fill("1.0", sessions=1000)
        with pytest.raises(Invalid, match="settle must be 0"):
            compare("1.0", unit="users", settle=1)
