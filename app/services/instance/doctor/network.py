"""Where limits are counted, and whether the addresses of clients are the right ones."""

from collections.abc import Iterator

from app.config import Settings
from app.services.instance.doctor.findings import Finding, fine, problem, warning
from app.services.instance.readiness import limiter_problem


def check_limiter(settings: Settings) -> Iterator[Finding]:
    """Whether all processes count together."""
    if settings.ratelimit_storage_uri.startswith("memory:"):
        if settings.workers > 1:
            yield problem(
                "limiter",
                f"{settings.workers} workers would each count limits for themselves: set"
                " WEB_CONCURRENCY=1, or RATELIMIT_STORAGE_URI=redis://127.0.0.1:6379/0.",
            )
        else:
            yield fine("limiter", "Limits are counted in the one process; two would not share.")
    elif found := limiter_problem():
        yield problem("limiter", f"{found} Until then each process counts for itself.")
    else:
        yield fine("limiter", "The shared store answers; all processes and hosts count together.")


def check_proxies(settings: Settings) -> Iterator[Finding]:
    """Whether the client's address is the client's."""
    hops = settings.trusted_proxies
    if not settings.is_open_to_network:
        if hops:
            yield fine("proxy", f"{hops} trusted in front of {settings.bind_address}.")
        else:
            yield fine(
                "proxy",
                f"Only this machine reaches {settings.bind_address}. With nginx in front set"
                " TRUSTED_PROXIES=1, or all users share one address.",
            )
    elif hops:
        yield fine(
            "proxy",
            f"{hops} trusted in front of {settings.bind_address}: see to it that only the proxy"
            " reaches that port, since whoever does may claim any address.",
        )
    else:
        yield warning(
            "proxy",
            f"{settings.bind_address} is open to the network, without TLS, and TRUSTED_PROXIES is"
            " 0: put nginx in front with HOST=127.0.0.1 and TRUSTED_PROXIES=1. If it is there"
            " already, all users share its address, and its limits.",
        )
