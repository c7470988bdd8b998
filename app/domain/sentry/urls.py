"""Addresses of pages without what lets others in: keys, tokens, passwords.

An address stays as it was written, but for the values that are taken out; so it can be opened.
"""

import re
from urllib.parse import unquote_plus

FILTERED = "[Filtered]"
_SECRET = re.compile("token|key|secret|pass|auth|session|sig|code|jwt", re.IGNORECASE)
# What a value may hold itself, as where to go after one has logged in.
_SECRET_WITHIN = re.compile(f"(?:{_SECRET.pattern})[^=&?#/]{{0,40}}=", re.IGNORECASE)
_USER_INFO = re.compile(r"(?P<scheme>^[^/?#]*//)(?P<user>[^/?#]*)@")
_SEPARATOR = re.compile(r"([&;])")


def masked_url(url: str) -> str:
    """With `[Filtered]` for who logs in, and for the values of names that tell of secrets."""
    address, hash_, fragment = url.partition("#")
    address, mark, query = address.partition("?")
    address = _USER_INFO.sub(rf"\g<scheme>{FILTERED}@", address)
    if "=" in fragment:
        fragment = masked_query(fragment)
    return address + mark + masked_query(query) + hash_ + fragment


def masked_query(query: str) -> str:
    """The pairs behind the mark of a question, as `masked_url` masks them."""
    return "".join(
        part if part in ("&", ";") else _masked_pair(part) for part in _SEPARATOR.split(query)
    )


def _masked_pair(pair: str) -> str:
    name, sign, value = pair.partition("=")
    if not value:
        return pair
    told = unquote_plus(value)
    if _SECRET.search(unquote_plus(name)) or _SECRET_WITHIN.search(told):
        return f"{name}{sign}{FILTERED}"
    return pair
