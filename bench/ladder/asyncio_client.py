"""A load generator for where wrk is not installed; reads a plan from stdin, prints one JSON object.

It tells how much of a core it needed. Written in Python, it needs as much CPU time as the service's
lesser routes, so look at that figure before believing its requests per second.
"""

import asyncio
import json
import sys
import time

from bench.ladder.plan import Plan

_PERCENTS = (50, 95, 99)
_FIRST_BAD_STATUS = 400


class _Run:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sent = 0
        self._wanted = plan.requests or sys.maxsize
        self._ends_at = time.perf_counter() + (plan.seconds or float("inf"))
        self.latencies: list[float] = []
        self.failed = 0

    async def connection(self) -> None:
        """Sends one request after the other until there are enough, or the time is over."""
        writer = None
        while self._sent < self._wanted and time.perf_counter() < self._ends_at:
            request = self._next_request()
            started = time.perf_counter()
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self._plan.port)
                writer.write(request)
                status = await _read_answer(reader)
            except (asyncio.IncompleteReadError, OSError):
                self.failed += 1
                break
            self.latencies.append(time.perf_counter() - started)
            self.failed += status >= _FIRST_BAD_STATUS
            if not self._plan.keeps_connections:
                writer.close()
                writer = None
        if writer is not None:
            writer.close()

    def _next_request(self) -> bytes:
        headers, body = self._plan.request(self._sent)
        path = self._plan.path_of(self._sent)
        self._sent += 1
        lines = [
            f"{self._plan.method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


async def _read_answer(reader: asyncio.StreamReader) -> int:
    """The status of an answer whose length is announced, as all of the service's are."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or 0))
    return int(head.split(maxsplit=2)[1])


async def _send(plan: Plan) -> dict[str, float]:
    run = _Run(plan)
    started, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(run.connection() for _ in range(plan.connections)))
    seconds, used = time.perf_counter() - started, time.process_time() - used
    latencies = sorted(run.latencies) or [0.0]
    return {
        "requests": len(run.latencies),
        "seconds": seconds,
        **{f"p{percent}": latencies[len(latencies) * percent // 100] for percent in _PERCENTS},
        "failed": run.failed,
        "client_share": used / seconds,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_send(Plan(**json.load(sys.stdin))))))
