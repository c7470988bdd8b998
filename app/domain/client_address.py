"""The keyed hash that stands for a client's address; the address itself is kept nowhere.

Without the key the hash could be undone by trying all four billion IPv4 addresses.
"""

import hashlib
import hmac
import ipaddress
import re
from functools import cache

_PLAIN_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
_WITH_PORT = re.compile(r"^(?:\[(.+)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$")


def canonical_address(raw: str) -> str:
    """One spelling per address: IPv4-mapped IPv6 becomes IPv4, zones and leading zeros go.

    What is not an IP address (a unix socket's peer) stays as it is.
    """
    if _PLAIN_IPV4.fullmatch(raw):  # most of them, in a tenth of the time
        return raw
    without_port = _WITH_PORT.sub(r"\1\2", raw.strip())  # some proxies append one
    try:
        address = ipaddress.ip_address(without_port.partition("%")[0])
    except ValueError:
        return raw
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)


def subscriber(raw: str) -> str:
    """What one subscriber cannot change at will: the address, or of IPv6 the /64 (RFC 6177)."""
    address = canonical_address(raw)
    try:
        if ipaddress.ip_address(address).version == 6:
            return str(ipaddress.ip_network(f"{address}/64", strict=False))
    except ValueError:
        pass
    return address


def subscriber_hash(raw: str, *, key: bytes) -> bytes:
    """HMAC-SHA-256 of the subscriber, 32 bytes; for limits, which a new address must not reset."""
    return _keyed_hash(subscriber(raw), key)


def address_hash(raw: str, *, key: bytes) -> bytes:
    """HMAC-SHA-256 of the canonical address, 32 bytes."""
    return _keyed_hash(canonical_address(raw), key)


def _keyed_hash(text: str, key: bytes) -> bytes:
    keyed = _keyed(key).copy()
    keyed.update(text.encode())
    return keyed.digest()


@cache
def _keyed(key: bytes) -> hmac.HMAC:
    """Finding the hash function and hashing the key take longer than the address does."""
    return hmac.new(key, digestmod=hashlib.sha256)
