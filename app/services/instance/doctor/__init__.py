"""What is wrong with an instance, or soon will be; a line each, with what to do.

It looks and changes nothing, not even what a first look usually makes: no database is created, no
log beside one, no lock is kept. So it opens databases itself, read-only, and never through the app.
"""

from collections.abc import Callable, Iterable, Iterator

from app.config import Settings
from app.extensions import Clock
from app.services.instance.doctor import backups, databases, files, network
from app.services.instance.doctor.findings import Finding, Level, fine, problem, reason
from app.services.instance.readiness import missing_database

__all__ = ["Finding", "Level", "examine", "problem"]


def examine(settings: Settings, *, clock: Clock, thoroughly: bool = False) -> Iterator[Finding]:
    """Findings as they are made. A check that needs what is broken is left out.

    `thoroughly` reads every row and index of a SQLite database, which takes time with its size.
    """
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "key": lambda: files.check_key(settings),
        "files": lambda: files.check_modes(settings),
        "disk": lambda: files.check_space(settings),
        "database": lambda: databases.check(settings, clock=clock, thoroughly=thoroughly),
        "limiter": lambda: network.check_limiter(settings),
        "proxy": lambda: network.check_proxies(settings),
        "backup": lambda: backups.check_age(settings, now=clock()),
    }
    yield fine("settings", f"All can be used; plugins: {', '.join(settings.blueprints)}.")
    if not settings.app_key and (missing := missing_database(settings)):
        yield problem("database", missing)
        for name in ("key", "files", "database", "backup"):  # which would say it again
            del checks[name]
    for name, check in checks.items():
        try:
            yield from check()
        except Exception as error:  # whatever it is, the other checks go on
            yield problem(name, f"This could not be checked: {reason(error)}.")
