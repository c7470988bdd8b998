"""@sentry/node, four generations of it: what an app tells is there, once and whole."""

import subprocess

import pytest

from tests.sentry.sdks.conftest import ENVIRONMENT, PROGRAMS, RELEASE
from tests.sentry.sdks.installing import npm_packages
from tests.servers.system_programs import did_not_run, system_program

NEWEST, OLDEST = "11", "5"
# What the newest one wants; all others run on it, too.
NODE = (20, 19)


@pytest.fixture(scope="module")
def node():
    program = system_program("node", package="nodejs")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    version = told.stdout.strip().lstrip("v")
    if tuple(map(int, version.split(".")[:2])) < NODE:
        did_not_run(f"node is {version}, and @sentry/node {NEWEST} wants {NODE[0]}.{NODE[1]}.")
    return str(program)


@pytest.fixture(params=[NEWEST, "7", "6", OLDEST])
def sdk(request):
    return request.param


@pytest.fixture
def run_program(run, sdk, node):
    def start(name, **options):
        return run_node(run, node, name, sdk, **options)

    return start


def run_node(run, node, name, version, **options):
    modules = npm_packages(version) / "node_modules"
    return run(node, str(PROGRAMS / "node" / f"{name}.js"), NODE_PATH=str(modules), **options)


def of_our_release(event):
    return (event["release"], event["environment"]) == (RELEASE, ENVIRONMENT)


def session_counts(project):
    """Total, crashed, errored; None where no session was told."""
    names = ("sessions_total", "sessions_crashed", "sessions_errored")
    health = project.releases()
    return tuple(health[RELEASE][name] for name in names) if health else None


def test_a_message_and_an_exception_are_an_issue_each_and_feedback_is_tied(
    run_program, project, sdk
):
    run_program("reports")

    issues = project.issues()
    assert issues.keys() == {"Message", "RangeError"}
    (message,), (error,) = (issues[name]["events"] for name in ("Message", "RangeError"))
    assert of_our_release(message) and of_our_release(error)
    assert (message["message"], message["level"]) == ("The basket is slow", "warning")
    assert (message["user_id_anon"], message["tags"]["shop"]) == ("u-77", "garden")
    assert (error["message"], error["level"]) == ("No price for the shovel", "error")
    assert error["stack"][0].startswith("at pay (")

    if sdk == NEWEST:
        (feedback,) = project.feedback()
        assert feedback["message"] == "The page stays blank"
        assert (feedback["name"], feedback["email"]) == ("Nora", "nora@example.com")
        assert feedback["url"] == "https://shop.example/pay?token=[Filtered]"
        assert feedback["event_id"] == error["id"]
        project.may_lose = {("server", "attachment", "attachments_off", 18)}
    assert session_counts(project) == (None if sdk == OLDEST else (1, 0, 1))
    assert set(project.answers()) == {200}


def test_a_crash_is_one_issue_and_one_crashed_session(run_program, project, sdk):
    run_program("crash", ends_with=1)

    issues = project.issues()
    assert list(issues) == ["TypeError"]
    (event,) = issues["TypeError"]["events"]
    assert of_our_release(event)
    # The oldest calls each of its exceptions handled.
    assert (event["level"], event["mechanism"]["handled"]) == ("fatal", sdk == OLDEST)
    assert ".pay" in event["stack"][0] or "at pay (" in event["stack"][0]
    assert session_counts(project) == (None if sdk == OLDEST else (1, 1, 0))
    assert set(project.answers()) == {200}


def test_a_broken_promise_is_one_issue_and_crashes_the_session(run_program, project, sdk):
    run_program("rejection")

    issues = project.issues()
    assert list(issues) == ["RangeError"]
    (event,) = issues["RangeError"]["events"]
    assert of_our_release(event)
    assert (event["level"], event["mechanism"]["handled"]) == ("error", sdk == OLDEST)
    assert session_counts(project) == (None if sdk == OLDEST else (1, 1, 0))
    assert set(project.answers()) == {200}


def test_requests_of_a_web_app_are_counted_as_sessions(run_program, project, sdk):
    run_program("web_app")

    issues = project.issues()
    assert list(issues) == ["RangeError"]
    (event,) = issues["RangeError"]["events"]
    assert of_our_release(event)
    assert session_counts(project) == (None if sdk == OLDEST else (4, 1, 0))
    assert set(project.answers()) == {200}
    if sdk == NEWEST:  # which tells of spans that it never meant to send
        project.may_lose = {("client", "other", "no_parent_span", 4)}
