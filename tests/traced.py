"""Coverage is measured where it may find something new, which halves what tests with it cost.

Tracing makes all of Python half as fast again, libraries included, and the hundredth app that a
fixture makes runs the lines that the first ones ran. So a fixture, or the cases of one test on one
database, are traced until some have reached nothing new, one after the other. A long test is
traced until it reached nothing new for half a second of CPU: it repeats itself, such as with texts
of a hundred thousand characters. What only a later one, or a later half of a test, would reach
counts as not reached: the figure is never too good, and the gate as strict.
TRACE_ALL=1 traces everything, to compare.

`_collector.data` is a private name of coverage: what was reached so far, by file.
"""

import os
import signal
from collections import Counter
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from coverage import Coverage

CASES_WITHOUT_NEWS = 12
SET_UPS_WITHOUT_NEWS = 10
# Of the processor's, so that a test that waits is traced when it goes on.
SECONDS_WITHOUT_NEWS = 0.5


class News:
    """Traces what may reach new lines, where coverage is measured at all."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._without_news: Counter[Hashable] = Counter()
        self._is_turning = False

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
    def tracing_while_new(self) -> Generator[None]:
        """Looks again and again whether there was news, and traces no more where there was none."""
        reached = self._reached()

        def look(_number: int, _frame: FrameType | None) -> None:
            nonlocal reached
            before, reached = reached, self._reached()
            is_on = Coverage.current() is self._coverage
            if reached == before and is_on and not self._is_turning:
                self._turn(False)

        with self.tracing(True):
            usual = signal.signal(signal.SIGVTALRM, look)
            rhythm = (SECONDS_WITHOUT_NEWS, SECONDS_WITHOUT_NEWS)
            # One fixture may ask for another, and looks on when that is there.
            others = signal.setitimer(signal.ITIMER_VIRTUAL, *rhythm)
            try:
                yield
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, *others)
                signal.signal(signal.SIGVTALRM, usual)

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
            if was_on != (Coverage.current() is self._coverage):
                self._turn(was_on)

    def _turn(self, on: bool) -> None:
        self._is_turning = True
        (self._coverage.start if on else self._coverage.stop)()
        self._is_turning = False

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
        with self._news.tracing_while_new(), self._news.noted(fixture):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        test = _cases_of(item)
        if not self._news.is_due(test, CASES_WITHOUT_NEWS):
            return (yield)
        with self._news.tracing_while_new(), self._news.noted(test):
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
