"""One measurement: CPU time by the server's account, and clients that crash."""

import stat
from pathlib import Path

import pytest

from bench.ladder import load
from bench.ladder.rungs import Rung
from bench.ladder.stations import NO_DATABASE, Effort, Station

SEEN = '{"requests": 40, "seconds": 2.0, "p50": 0.1, "p95": 0.2, "p99": 0.3, "failed": 0}'
EFFORT = Effort(connections=4, client=load.WRK, seconds=1)


class AccountedServer:
    """Tells one CPU time after the other, and then the last one for ever."""

    port = 1

    def __init__(self, *accounts: float) -> None:
        self._accounts = list(accounts)

    def cpu_seconds(self) -> float:
        return self._accounts.pop(0) if len(self._accounts) > 1 else self._accounts[0]


@pytest.fixture
def crashing_wrk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A `wrk` that crashes so many times before it answers."""

    def make(crashes: int) -> None:
        script = tmp_path / "wrk"
        log = tmp_path / "runs"
        log.touch()
        script.write_text(
            f"#!/bin/sh\necho >> {log}\n"
            f"[ $(wc -l < {log}) -gt {crashes} ] || kill -SEGV $$\necho '{SEEN}'\n"
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return make


def station(*accounts: float) -> Station:
    rung = Rung("any", "POST", "/any", bodies=("{}", "{}"))
    return Station(rung, NO_DATABASE, AccountedServer(*accounts), ["a token"])


def test_cpu_time_of_a_request_is_what_the_server_used_meanwhile(crashing_wrk):
    crashing_wrk(0)

    sample = station(1.0, 1.0, 1.0, 3.0).measure(EFFORT)

    assert sample.cpu == 2.0 / 40
    assert sample.requests_per_second == 20.0


def test_a_server_that_is_still_busy_is_waited_for(crashing_wrk):
    """Two looks that differ, two that do not; then the measurement."""
    crashing_wrk(0)

    assert station(1.0, 2.0, 2.0, 2.0, 3.0).measure(EFFORT).cpu == 1.0 / 40


def test_next_run_sends_what_no_run_has_sent(crashing_wrk):
    crashing_wrk(0)
    measured = station(1.0)
    measured.measure(EFFORT)

    # Two bodies a round; 40 answered and four broken off.
    assert measured.next_first > 44 / 2


def test_a_client_that_crashes_is_run_once_more_with_other_requests(crashing_wrk, capsys):
    crashing_wrk(2)
    measured = station(1.0)

    assert measured.measure(EFFORT).requests_per_second == 20.0
    assert measured.next_first > 2_000_000
    assert "wrk ended with -11" in capsys.readouterr().err


def test_a_client_that_always_crashes_ends_the_run(crashing_wrk):
    crashing_wrk(99)

    with pytest.raises(load.LoadFailed, match="crashed 3 times"):
        station(1.0).measure(EFFORT)
