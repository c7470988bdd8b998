"""Which text that a stranger sent may become a link: the addresses of web pages, nothing else.

`javascript:` runs, `data:` pretends, a deep link opens another app, `https://bank.com@evil.test/`
is no bank; all of them stay text.
"""

from urllib.parse import urlsplit


def is_web_link(text: str) -> bool:
    """Whether it is an http(s) address that every browser reads as this code does."""
    if not text.isprintable() or any(character in text for character in ' \\"<>`'):
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port  # raises ValueError for what is no number
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc
