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
_PAIR = re.compile(r"(?<![^&;])(?P<name>[^&;=]*+)=(?P<value>[^&;]++)")
# No more of an address is ever kept.
_MOST_CHARS = 1100


def masked_url(url: str) -> str:
    """With `[Filtered]` for who logs in, and for the values of names that tell of secrets."""
    address, hash_, fragment = url[:_MOST_CHARS].partition("#")
    address, mark, query = address.partition("?")
    address = _USER_INFO.sub(rf"\g<scheme>{FILTERED}@", address)
    return address + mark + masked_query(query) + hash_ + masked_query(fragment)


def masked_query(query: str) -> str:
    """The pairs behind the mark of a question, or behind a hash, as `masked_url` masks them."""
    return _PAIR.sub(_masked, query[:_MOST_CHARS])


def _masked(pair: re.Match[str]) -> str:
    name = pair["name"]
    told = unquote_plus(pair["value"])
    if _SECRET.search(unquote_plus(name)) or _SECRET_WITHIN.search(told):
        return f"{name}={FILTERED}"
    return pair[0]
