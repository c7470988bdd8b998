"""Ends with an exception that nobody catches, in a session that begins with the program."""

import sentry_sdk


def pay():
    private_local = "local secret"
    return {}["total"], private_local  # secret of this line


sentry_sdk.init(debug=True)
sentry_sdk.set_user({"id": "u-77", "email": "private@example.com"})
is_newest = hasattr(sentry_sdk, "get_isolation_scope")  # older ones have a hub
sessions = sentry_sdk.get_isolation_scope() if is_newest else sentry_sdk.Hub.current
sessions.start_session()
pay()
