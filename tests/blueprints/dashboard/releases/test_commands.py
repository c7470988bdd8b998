"""The words and exit codes of `pionne-feedback releases …`."""

import pytest


class TestVerdict:
    @pytest.fixture
    def judge(self, run, project, fill):
        """The verdict on release 2.0 against 1.0, of a thousand users each."""
        fill("1.0", users=1000, users_crashed=5)

        def ask(*options, crashed):
            fill("2.0", users=1000, users_crashed=crashed)
            arguments = ("releases", "verdict", str(project.id), "2.0", "--against", "1.0")
            return run(*arguments, *options)

        return ask

    @pytest.mark.parametrize(
        ("crashed", "verdict", "exit_code"),
        [(5, "pass", 0), (100, "fail", 1), (12, "undecided", 2)],
    )
    def test_exit_code_is_the_verdict(self, judge, crashed, verdict, exit_code):
        result = judge(crashed=crashed)
        assert result.exit_code == exit_code
        assert result.printed.startswith(f"{verdict}: Crash-free users: ")
        assert result.errors == ""

    def test_json_is_the_routes_answer(self, judge, ask):
        assert (
            judge("--json", crashed=12).json
            == ask("2.0", then="/verdict", against="1.0").get_json()
        )

    def test_environment_narrows(self, judge):
        assert judge("--environment", "production", crashed=5).exit_code == 0
        assert judge("--environment", "staging", crashed=5).exit_code == 2

    def test_days_narrow(self, judge, clock):
        clock.advance(days=5)
        assert judge("--days", "6", crashed=5).exit_code == 0
        assert judge("--days", "5", crashed=5).exit_code == 2

    def test_release_without_sessions_is_undecided(self, run, project):
        result = run("releases", "verdict", str(project.id), "2.0", "--against", "1.0")
        assert result.exit_code == 2
        assert result.printed.startswith("undecided: No session of 2.0 or 1.0 began")

    def test_unknown_project_is_refused_in_one_line(self, run):
        result = run("releases", "verdict", "99", "2.0", "--against", "1.0")
        assert result.exit_code != 0
        assert (result.printed, result.errors) == ("", "Error: There is no project 99.\n")

    @pytest.mark.parametrize(
        "options", [(), ("--against", "1.0", "--days", "0"), ("--against", "1.0", "--days", "91")]
    )
    def test_wrong_options_are_refused(self, run, project, options):
        result = run("releases", "verdict", str(project.id), "2.0", *options)
        assert result.exit_code != 0
        assert result.printed == ""
