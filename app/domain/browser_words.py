"""Which browser on which system, in a few words, so that people can tell their own apart.

A User-Agent says much more, and lies: every browser names those that came before it, so the order
below decides. What is not known has no words; nothing of the text itself is kept.
"""

_BROWSERS = (
    (("Edg/", "EdgA/", "EdgiOS/"), "Edge"),
    (("OPR/", "OPT/"), "Opera"),
    (("SamsungBrowser/",), "Samsung Internet"),
    (("Firefox/", "FxiOS/"), "Firefox"),
    (("Chrome/", "Chromium/", "CriOS/"), "Chrome"),
    (("Safari/",), "Safari"),
)
_SYSTEMS = (
    (("iPhone", "iPod"), "iPhone"),
    (("iPad",), "iPad"),
    (("Android",), "Android"),
    (("Windows",), "Windows"),
    (("CrOS",), "ChromeOS"),
    (("Macintosh",), "macOS"),
    (("Linux", "X11"), "Linux"),
)


def browser_in_words(user_agent: str) -> str | None:
    """Such as `Firefox on Android`, of at most 30 characters; None for what is no known browser."""
    browser = _first_named(_BROWSERS, user_agent)
    system = _first_named(_SYSTEMS, user_agent)
    if browser is None:
        return None
    return f"{browser} on {system}" if system else browser


def _first_named(kinds: tuple[tuple[tuple[str, ...], str], ...], user_agent: str) -> str | None:
    for marks, words in kinds:
        if any(mark in user_agent for mark in marks):
            return words
    return None
