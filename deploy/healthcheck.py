#!/usr/bin/env python3
"""Ask the service in this container whether it answers; exit 1 with a line when it does not.

The container's engine runs this every ten seconds, so it loads nothing of the service, and asks
/healthz and not /readyz: an engine restarts what is not well, and that mends no database.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

_SECONDS = 4
_ALL_ADDRESSES = {"", "0.0.0.0", "::"}


def main() -> int:
    """The exit status."""
    host = os.environ.get("HOST", "")
    port = int(os.environ.get("PORT") or 8000)
    connection = HTTPConnection(
        "127.0.0.1" if host in _ALL_ADDRESSES else host, port, timeout=_SECONDS
    )
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        print(f"No answer on port {port}: {error}", file=sys.stderr)
        return 1
    finally:
        connection.close()
    if status != 200:
        print(f"/healthz answers {status}", file=sys.stderr)
    return int(status != 200)


if __name__ == "__main__":
    sys.exit(main())
