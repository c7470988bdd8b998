"""The words and exit codes of `pionne-feedback releases …`."""

import pytest


class TestVerdict:
    @pytest.fixture
    def judge(self, run, project, fill):
        """The verdict on release 2.0 against 1.0, of a thousand sessions each."""
        fill("1.0", sessions=1000, crashed=5)

        def ask(*options, crashed):
            fill("2.0", sessions=1000, crashed=crashed)
            arguments = ("releases", "verdict", str(project.id), "2.0", "--against", "1.0")
            return run(*arguments, *options)

        return ask

    @pytest.mark.parametrize(
        ("crashed", "verdict", "exit_code"),
        [(0, "pass", 0), (100, "fail", 1), (10, "undecided", 2)],
    )
    def test_exit_code_is_the_verdict(self, judge, crashed, verdict, exit_code):
        result = judge(crashed=crashed)
        assert result.exit_code == exit_code
        assert result.printed.startswith(f"{verdict}: ")
        assert "of its sessions" in result.printed or "of the sessions of 2.0" in result.printed
        assert result.errors == ""

    def test_json_is_the_routes_answer(self, judge, ask):
        assert (
            judge("--json", crashed=10).json
            == ask("2.0", then="/verdict", against="1.0").get_json()
        )

    def test_environment_narrows(self, judge):
        assert judge("--environment", "production", crashed=0).exit_code == 0
        assert judge("--environment", "staging", crashed=0).exit_code == 2

    def test_days_narrow(self, judge, run, project, clock):
        assert judge(crashed=0).exit_code == 0
        clock.advance(days=5)
        asked = ("releases", "verdict", str(project.id), "2.0", "--against", "1.0", "--days")
        assert run(*asked, "6").exit_code == 0
        assert run(*asked, "5").exit_code == 2

    def test_without_against_it_is_the_release_before(self, judge, run, project):
        judge(crashed=0)
        result = run("releases", "verdict", str(project.id), "2.0", "--json").json
        assert (result["verdict"], result["against"]) == ("pass", "1.0")

    @pytest.mark.parametrize(
        "options", [("--tolerance", "0.0005"), ("--settle", "1"), ("--unit", "users")]
    )
    def test_what_the_route_takes_is_an_option(self, judge, ask, options):
        query = {options[0].removeprefix("--"): options[1]}
        assert judge("--json", *options, crashed=0).exit_code == 2
        answer = ask("2.0", then="/verdict", against="1.0", **query)
        assert judge("--json", *options, crashed=0).json == answer.get_json()

    def test_release_without_sessions_is_undecided(self, run, project):
        result = run("releases", "verdict", str(project.id), "2.0", "--against", "1.0")
        assert result.exit_code == 2
        assert result.printed.startswith("undecided: No session of 2.0 or 1.0 began")

    def test_unknown_project_is_refused_in_one_line(self, run):
        result = run("releases", "verdict", "99", "2.0", "--against", "1.0")
        assert result.exit_code != 0
        assert (result.printed, result.errors) == ("", "Error: There is no project 99.\n")

    @pytest.mark.parametrize(
        "options",
        [
            ("--days", "0"),
            ("--days", "91"),
            ("--tolerance", "0"),
            ("--settle", "8"),
            ("--unit", "people"),
        ],
    )
    def test_wrong_options_are_refused_with_no_verdicts_exit_code(self, run, project, options):
        result = run("releases", "verdict", str(project.id), "2.0", *options)
        assert result.exit_code not in (0, 1, 2)
        assert result.printed == ""
