"""What there was before sentry-sdk: a message, and an exception that is survived."""

import raven

client = raven.Client(environment="staging", release="shop@1.4.2+33")
client.user_context({"id": "u-77", "email": "private@example.com"})
client.captureMessage("The basket is slow", level="warning")
try:
    private_local = "local secret"
    {}["total"]  # secret of this line
except KeyError:
    client.captureException()
