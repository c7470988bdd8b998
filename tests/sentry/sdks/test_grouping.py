"""One failure is one issue, whichever generation of an SDK tells of it.

So an update of the SDK makes no new issues.
"""

from tests.sentry.sdks.test_browser import open_page_of, press  # noqa: F401  # fixture
from tests.sentry.sdks.test_node import node, run_node  # noqa: F401  # fixture
from tests.sentry.sdks.test_python import run_python


def the_issue(project, exception_type):
    issues = project.issues()
    assert list(issues) == [exception_type]
    return issues[exception_type]["issue"]


def test_of_python_apps(run, project):
    for version in ("2", "1", "0"):
        run_python(run, "crash", version, ends_with=1)
    assert the_issue(project, "KeyError")["events_count"] == 3


def test_of_node_apps(run, node, project):  # noqa: F811
    for version in ("11", "7", "6", "5"):
        run_node(run, node, "crash", version, ends_with=1)
    assert the_issue(project, "TypeError")["events_count"] == 4


def test_of_pages(open_page_of, project):  # noqa: F811
    for version in ("11", "7", "6", "5"):
        press(open_page_of(version), "crash")
    assert the_issue(project, "TypeError")["events_count"] == 4
