"""The keyed hash that stands for a client's address; the address itself is kept nowhere.

Without the key the hash could be undone by trying all four billion IPv4 addresses.
"""

import hashlib
import hmac
import ipaddress
import re

_WITH_PORT = re.compile(r"^(?:\[(.+)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$")


def canonical_address(raw: str) -> str:
    """One spelling per address: IPv4-mapped IPv6 becomes IPv4, zones and leading zeros go.

    What is not an IP address (a unix socket's peer) stays as it is.
    """
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
    return hmac.digest(key, subscriber(raw).encode(), hashlib.sha256)


def address_hash(raw: str, *, key: bytes) -> bytes:
    """HMAC-SHA-256 of the canonical address, 32 bytes."""
    return hmac.digest(key, canonical_address(raw).encode(), hashlib.sha256)
