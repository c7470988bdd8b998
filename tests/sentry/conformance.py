"""Sends the vectors to the app, and prints what came of each into docs/sentry-conformance.md.

`make conformance` runs them as the tests do, on both databases. What fails is told as failing, and
the page is written all the same.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.sentry.vectors import load

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "sentry-conformance.md"
BEGIN, END = "<!-- vectors: written by `make conformance` -->\n", "<!-- end of vectors -->\n"
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
# By vector and database.
Outcomes = Mapping[tuple[str, str], bool]


class _Noted:
    """A plugin for pytest; its set-up counts, too."""

    def __init__(self) -> None:
        self.passed: dict[tuple[str, str], bool] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        key = item.callspec.params["name"], item.callspec.params["database_name"]
        self.passed[key] = self.passed.get(key, True) and report.passed
        return report


def run() -> Outcomes:
    noted = _Noted()
    file = Path(__file__).with_name("test_live_vectors.py")
    pytest.main(["-q", "-p", "no:cacheprovider", str(file)], plugins=[noted])
    return noted.passed


def everything_passed() -> Outcomes:
    return {(name, database): True for name in load() for database in DATABASES}


def table(passed: Outcomes) -> str:
    lines = [
        f"{sum(passed.values())} of {len(passed)} hold: {len(load())} vectors on each database.",
        "",
        f"| § | what is sent | vector | {' | '.join(DATABASES.values())} |",
        "|---|---|---|---|---|",
    ]
    for name, vector in load().items():
        marks = ["yes" if passed.get((name, each)) else "**no**" for each in DATABASES]
        lines.append(f"| {vector['rule']} | {vector['title']} | `{name}` | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"


def with_table(page: str, passed: Outcomes) -> str:
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table(passed) + END + after


if __name__ == "__main__":
    told = run()
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), told), encoding="utf-8")
    print(table(told))
    sys.exit(0 if told == everything_passed() else 1)
