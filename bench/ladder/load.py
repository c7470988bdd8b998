"""Load on one rung, from a process of its own: `wrk` where it is installed, else an asyncio client.

Either tells how much of a core it used itself. A client near one core measures itself, and its
requests per second and percentiles say little; the server's CPU time a request holds all the same.
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.instance import ROOT
from bench.ladder.plan import Plan

WRK, ASYNCIO = "wrk", "asyncio"
SATURATED_SHARE = 0.85
_SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True)
class Load:
    """What the client saw; times in seconds."""

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float
    failed: int
    client_share: float  # of one core


class LoadFailed(Exception):
    """Requests were refused; nothing of that may be printed as a measurement."""


class ClientCrashed(Exception):
    """The client ended itself (wrk does, rarely); nobody knows how much it had sent."""


def installed_client() -> str:
    return WRK if shutil.which("wrk") else ASYNCIO


def run(plan: Plan, *, client: str) -> Load:
    """Raises LoadFailed unless every answer was a good one, and ClientCrashed.

    A number of requests is always sent by the asyncio client: wrk knows durations only.
    """
    if client == WRK and not plan.requests:
        load = _run_wrk(plan)
    else:
        load = _run_asyncio(plan)
    if load.failed or not load.requests:
        raise LoadFailed(
            f"{load.failed} of {load.requests} requests to {plan.path} failed at"
            f" {plan.connections} connections; refused by a limit? Then give --projects more."
        )
    return load


def _run_wrk(plan: Plan) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "plan.lua"
        written.write_text(f"return {_lua(dataclasses.asdict(plan))}")
        command = ["wrk", "-t1", f"-c{plan.connections}", f"-d{max(1, round(plan.seconds))}s"]
        command += ["--timeout", "30s", "-s", str(_SCRIPT), f"http://127.0.0.1:{plan.port}/"]
        started = time.monotonic()
        with subprocess.Popen(
            [*command, "--", str(written)], stdout=subprocess.PIPE, text=True
        ) as process:
            said = process.stdout.read() if process.stdout else ""
            _, status, used = os.wait4(process.pid, 0)  # alone, unlike the sum over all children
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ClientCrashed(f"wrk ended with {process.returncode}. {said}")
    share = (used.ru_utime + used.ru_stime) / (time.monotonic() - started)
    return Load(**json.loads(said.splitlines()[-1]), client_share=share)


def _run_asyncio(plan: Plan) -> Load:
    ended = subprocess.run(
        [sys.executable, "-m", "bench.ladder.asyncio_client"],
        input=json.dumps(dataclasses.asdict(plan)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Load(**json.loads(ended.stdout))


def _lua(value: object) -> str:
    """A Lua table or value; a JSON string of ASCII without control characters is Lua's, too."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{_lua(key)}] = {_lua(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "{" + ", ".join(map(_lua, value)) + "}"
    return json.dumps(value)
