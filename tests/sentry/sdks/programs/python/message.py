"""Says something, as an app does that looks after itself."""

import sentry_sdk

sentry_sdk.init(debug=True)
sentry_sdk.set_user({"id": "u-77", "email": "private@example.com", "ip_address": "{{auto}}"})
sentry_sdk.set_tag("shop", "garden")
sentry_sdk.capture_message("The basket is slow", level="warning")
