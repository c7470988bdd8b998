"""Ends as it should, in a session of its own."""

import sentry_sdk

sentry_sdk.init(debug=True)
sentry_sdk.set_user({"id": "u-78", "email": "private@example.com"})
is_newest = hasattr(sentry_sdk, "get_isolation_scope")  # older ones have a hub
sessions = sentry_sdk.get_isolation_scope() if is_newest else sentry_sdk.Hub.current
sessions.start_session()
sessions.end_session()
