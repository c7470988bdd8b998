"""The words and exit codes of `pionne-feedback sessions …` and `retention …`."""

import pytest

from app.database import read_transaction, write_transaction


class TestVerify:
    def test_honest_figures_exit_0(self, run, record):
        record("crashed", user="ann")
        result = run("sessions", "verify")
        assert result.exit_code == 0
        assert result.printed == "Every kept figure equals what it is made of.\n"

    def test_no_sessions_exit_0(self, run):
        assert run("sessions", "verify").exit_code == 0

    def test_differences_are_printed_and_exit_1(self, run, record, app):
        record("crashed", user="ann")
        with app.app_context(), write_transaction() as connection:
            connection.exec_driver_sql("UPDATE sessions SET status = 'ok'")
        result = run("sessions", "verify")
        assert result.exit_code == 1
        lines = result.printed.splitlines()
        assert "release 1, day 2026-05-07, crashed: kept 1, recomputed 0" in lines
        assert result.errors == f"Error: {len(lines)} figures differ from what they are made of.\n"

    def test_rows_of_the_future_are_named_and_put_right(self, run, record, make_feedback, clock):
        right = clock.time
        clock.advance(days=40)
        record("crashed", user="ann")
        make_feedback()
        clock.time = right
        found = run("sessions", "verify")
        assert found.exit_code == 1
        assert "1 sessions of the future" in found.printed + found.errors
        assert "1 feedback of the future" in found.printed + found.errors
        repaired = run("sessions", "verify", "--repair")
        assert repaired.exit_code == 0
        assert "1 sessions put right" in repaired.printed
        assert "1 feedback put right" in repaired.printed
        assert run("sessions", "verify").exit_code == 0


class TestRetention:
    @pytest.fixture
    def old_rows(self, record, client, project, make_feedback, clock):
        """An event, two sessions of a user, and feedback, of 200 days ago."""
        headers = {"X-Pionne-Token": project.token}
        client.post("/ingest", json={"exception_type": "Error"}, headers=headers)
        for _ in range(2):
            record("exited", user="ann")
        make_feedback()
        clock.advance(days=200)

    @pytest.fixture
    def row_counts(self, app):
        def read():
            tables = ("events", "sessions", "release_users", "release_days", "feedback")
            with app.app_context(), read_transaction() as connection:
                return [
                    connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
                    for table in tables
                ]

        return read

    @pytest.mark.usefixtures("old_rows")
    def test_dry_run_prints_what_would_go_and_deletes_nothing(self, run, row_counts):
        before = row_counts()
        result = run("retention", "run", "--dry-run")
        assert result.exit_code == 0
        assert [line.split(maxsplit=1) for line in result.printed.splitlines()] == [
            ["0", "rows of deleted projects"],
            ["1", "events"],
            ["0", "ids of reports"],
            ["0", "days of events"],
            ["2", "sessions"],
            ["0", "sums of sessions"],
            ["2", "users of releases"],
            ["2", "days of releases"],
            ["1", "days of new names"],
            ["1", "address hashes"],
            ["0", "losses"],
            ["0", "logins without a code"],
            ["0", "expired invitations"],
        ]
        assert row_counts() == before == [1, 2, 2, 2, 1]

    @pytest.mark.usefixtures("old_rows")
    def test_run_deletes_what_is_due_and_says_so(self, run, row_counts):
        result = run("retention", "run", "--even-most")
        assert result.exit_code == 0
        assert row_counts() == [0, 0, 0, 0, 1]
        said = [line.strip() for line in result.printed.splitlines() if line.endswith(" deleted")]
        assert said == [
            "0  rows of deleted projects deleted",
            "1  events deleted",
            "0  ids of reports deleted",
            "0  days of events deleted",
            "2  sessions deleted",
            "0  sums of sessions deleted",
            "2  users of releases deleted",
            "2  days of releases deleted",
            "1  days of new names deleted",
            "1  address hashes deleted",
            "0  losses deleted",
            "0  logins without a code deleted",
            "0  expired invitations deleted",
        ]

    @pytest.mark.usefixtures("old_rows")
    def test_ledger_adds_up_before_and_after(self, run):
        assert run("sessions", "verify").exit_code == 0
        run("retention", "run", "--even-most")
        assert run("sessions", "verify").exit_code == 0

    @pytest.mark.usefixtures("old_rows")
    def test_second_run_has_nothing_to_do(self, run, row_counts):
        run("retention", "run", "--even-most")
        result = run("retention", "run", "--even-most")
        assert result.exit_code == 0
        assert row_counts() == [0, 0, 0, 0, 1]
        counts = [
            line.split()[0] for line in result.printed.splitlines() if line.endswith(" deleted")
        ]
        assert set(counts) == {"0"}

    @pytest.mark.usefixtures("old_rows")
    def test_run_stops_and_says_why_when_most_of_a_table_is_due(self, run, row_counts):
        before = row_counts()
        result = run("retention", "run")
        assert result.exit_code == 1
        assert row_counts() == before
        assert "More than a half of a table is due at once: 1 of 1 events" in result.errors
        assert "--even-most" in result.errors

    @pytest.mark.usefixtures("old_rows")
    def test_run_of_the_day_after_does_not_stop_for_the_last_rows(
        self, run, row_counts, client, project, clock
    ):
        run("retention", "run", "--even-most")
        headers = {"X-Pionne-Token": project.token}
        client.post("/ingest", json={"exception_type": "Error"}, headers=headers)
        clock.advance(days=28)
        run("retention", "run", "--even-most")
        clock.advance(days=3)
        assert run("retention", "run").exit_code == 0
        assert row_counts()[0] == 0

    def test_young_rows_stay(self, run, record, row_counts):
        record(user="ann")
        run("retention", "run", "--even-most")
        assert row_counts() == [0, 1, 2, 2, 0]
