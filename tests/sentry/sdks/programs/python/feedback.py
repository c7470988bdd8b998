"""Hands on what a user says of an error, with a file beside it."""

import sentry_sdk

sentry_sdk.init(debug=True)
sentry_sdk.set_user({"id": "u-77", "email": "private@example.com"})
event_id = sentry_sdk.capture_message("Checkout failed", level="error")
told = {
    "message": "The page stays blank",
    "name": "Nora",
    "contact_email": "nora@example.com",
    "url": "https://shop.example/pay?token=secret-of-the-query",
    "associated_event_id": event_id,
}
with sentry_sdk.new_scope() as scope:
    scope.add_attachment(bytes=b"what the app wrote", filename="app.log", content_type="text/plain")
    sentry_sdk.capture_event({"type": "feedback", "contexts": {"feedback": told}})
