"""Many clients at once, as an app's users are."""

import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import httpx

CLIENTS = 32


def post_all(
    url: str,
    token: str,
    path: str,
    bodies: Iterable[dict],
    *,
    trust: ssl.SSLContext | None = None,
) -> list[httpx.Response]:
    """Post all bodies, each on whichever client is free; the answers are in the bodies' order."""

    def post(body: dict) -> httpx.Response:
        return client.post(f"{url}{path}", json=body, headers={"X-Pionne-Token": token})

    limits = httpx.Limits(max_connections=CLIENTS)
    client = httpx.Client(timeout=60, limits=limits, verify=trust or True)
    with client, ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(post, bodies))
