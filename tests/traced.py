"""Coverage is measured where it may find something new, which halves what tests with it cost.

Tracing makes all of Python half as fast again, libraries included, and the hundredth app that a
fixture makes runs the lines that the first ones ran. So a fixture, or the cases of one test on one
database, are traced until some have reached nothing new, one after the other. What only a later one
would reach counts as not reached: the figure is never too good, and the gate as strict.
TRACE_ALL=1 traces everything, to compare.

`_collector.data` is a private name of coverage: what was reached so far, by file.
"""

import os
from collections import Counter
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from typing import Any

import pytest
from coverage import Coverage

CASES_WITHOUT_NEWS = 12
SET_UPS_WITHOUT_NEWS = 10


class News:
    """Traces what may reach new lines, where coverage is measured at all."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._without_news: Counter[Hashable] = Counter()

    def is_due(self, what: Hashable, patience: int) -> bool:
        return self._without_news[what] < patience

    @contextmanager
    def noted(self, what: Hashable) -> Generator[None]:
        before = self._reached()
        yield
        if self._reached() > before:
            self._without_news[what] = 0
        else:
            self._without_news[what] += 1

    @contextmanager
    def tracing(self, wanted: bool) -> Generator[None]:
        was_on = Coverage.current() is self._coverage
        if was_on == wanted:
            yield
            return
        self._turn(wanted)
        try:
            yield
        finally:
            self._turn(was_on)

    def _turn(self, on: bool) -> None:
        (self._coverage.start if on else self._coverage.stop)()

    def _reached(self) -> int:
        collector: Any = self._coverage._collector
        return sum(map(len, collector.data.values()))


class TraceNews:
    """The plugin, registered where coverage is measured."""

    def __init__(self, news: News) -> None:
        self._news = news

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        with self._news.tracing(False):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        fixture = (fixturedef.func, getattr(request, "param_index", 0), _database_of(request.node))
        if not self._news.is_due(fixture, SET_UPS_WITHOUT_NEWS):
            with self._news.tracing(False):
                return (yield)
        with self._news.tracing(True), self._news.noted(fixture):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        test = _cases_of(item)
        if not self._news.is_due(test, CASES_WITHOUT_NEWS):
            return (yield)
        with self._news.tracing(True), self._news.noted(test):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        with self._news.tracing(self._news.is_due(_cases_of(item), CASES_WITHOUT_NEWS)):
            return (yield)


def pytest_runtestloop(session: pytest.Session) -> None:
    measured = Coverage.current()
    if measured is not None and os.environ.get("TRACE_ALL") != "1":
        session.config.pluginmanager.register(TraceNews(News(measured)))


def _cases_of(item: pytest.Item) -> Hashable:
    return item.nodeid.partition("[")[0], _database_of(item)


def _database_of(node: Any) -> Hashable:
    callspec = getattr(node, "callspec", None)
    return callspec.params.get("database_name") if callspec else None
