"""sentry-sdk and, before it, raven: what an app of Python tells is there, once and whole."""

import sys

import pytest

from tests.sentry.sdks.conftest import ENVIRONMENT, PROGRAMS, RELEASE
from tests.sentry.sdks.installing import python_packages

NEWEST, OLDER, OLDEST = "2", "1", "0"


@pytest.fixture(
    params=[
        pytest.param((version, has_brotli), id=f"{version}{'-brotli' if has_brotli else ''}")
        for version in (NEWEST, OLDER, OLDEST)
        for has_brotli in (False, True)
    ]
)
def sdk(request):
    """The SDK's version; the newest packs with brotli wherever it can be imported."""
    return request.param


@pytest.fixture
def run_program(run, sdk):
    def start(name, **options):
        version, has_brotli = sdk
        return run_python(run, name, version, *["brotli"] * has_brotli, **options)

    return start


def run_python(run, name, *sets, **options):
    """Without what is installed here: -S leaves out all packages but those of the sets."""
    packages = ":".join(str(python_packages(each)) for each in sets)
    program = PROGRAMS / "python" / f"{name}.py"
    return run(sys.executable, "-S", str(program), PYTHONPATH=packages, **options)


def the_event(project, exception_type):
    """The one event of the one issue that there is."""
    issues = project.issues()
    assert list(issues) == [exception_type]
    (event,) = issues[exception_type]["events"]
    assert (event["release"], event["environment"]) == (RELEASE, ENVIRONMENT)
    return event


def test_a_message_is_one_issue(run_program, project):
    run_program("message")

    event = the_event(project, "Message")
    assert (event["message"], event["level"]) == ("The basket is slow", "warning")
    assert (event["user_id_anon"], event["tags"]) == ("u-77", {"shop": "garden"})
    assert (project.answers(), project.releases()) == ([200], {})


def test_an_exception_that_is_survived_is_one_issue_with_its_cause(run_program, project):
    run_program("handled_exception")

    event = the_event(project, "RuntimeError")
    assert (event["message"], event["level"]) == ("No price for the shovel", "error")
    assert event["stack"][0].startswith("at pay (")
    assert any(line.startswith("Caused by: ValueError: ") for line in event["stack"])
    assert (project.answers(), project.releases()) == ([200], {})


def test_a_crash_is_one_issue_and_one_crashed_session(run_program, project):
    run_program("crash", ends_with=1)

    event = the_event(project, "KeyError")
    assert event["mechanism"] == {"type": "excepthook", "handled": False}
    assert event["stack"][0].startswith("at pay (")
    health = project.releases()[RELEASE]
    assert (health["sessions_total"], health["sessions_crashed"]) == (1, 1)
    assert (health["users_total"], health["users_crashed"]) == (1, 1)
    assert project.answers() == [200, 200]


def test_a_session_that_ends_well_is_counted_once(run_program, project):
    run_program("clean_end")

    health = project.releases()[RELEASE]
    assert (health["sessions_total"], health["sessions_exited"]) == (1, 1)
    assert (project.answers(), project.issues()) == ([200], {})


def test_requests_of_a_web_app_are_counted_as_sessions(run_program, project):
    run_program("web_app")

    assert the_event(project, "KeyError")["mechanism"] == {"type": "wsgi", "handled": False}
    health = project.releases()[RELEASE]
    assert (health["sessions_total"], health["sessions_exited"]) == (4, 3)
    assert health["sessions_crashed"] == 1
    assert project.answers() == [200, 200]


@pytest.mark.parametrize("sdk", [(NEWEST, False), (NEWEST, True)], ids=["gzip", "brotli"])
def test_feedback_is_tied_to_the_event_that_it_is_about(run_program, project):
    run_program("feedback")

    (feedback,) = project.feedback()
    assert feedback["message"] == "The page stays blank"
    assert (feedback["name"], feedback["email"]) == ("Nora", "nora@example.com")
    assert feedback["url"] == "https://shop.example/pay?token=[Filtered]"
    assert feedback["event_id"] == the_event(project, "Message")["id"]
    assert project.answers() == [200, 200]
    project.may_lose = {("server", "attachment", "attachments_off", 18)}


def test_what_raven_tells_is_there(run, project):
    run_python(run, "raven_reports", "raven")

    issues = project.issues()
    assert issues.keys() == {"Message", "KeyError"}
    (message,), (error,) = (issues[name]["events"] for name in ("Message", "KeyError"))
    assert (message["message"], message["level"]) == ("The basket is slow", "warning")
    assert (error["level"], error["user_id_anon"]) == ("error", "u-77")
    for event in (message, error):
        assert (event["release"], event["environment"]) == (RELEASE, ENVIRONMENT)
    assert (project.answers(), project.releases()) == ([200, 200], {})
