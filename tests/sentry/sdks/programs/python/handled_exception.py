"""Survives an exception, and reports it with its cause."""

import sentry_sdk


def read_price(text):
    private_local = "local secret"
    return int(text), private_local


def pay():
    try:
        read_price("none")
    except ValueError as error:  # secret of this line
        raise RuntimeError("No price for the shovel") from error


sentry_sdk.init(debug=True)
sentry_sdk.set_user({"id": "u-77", "email": "private@example.com"})
try:
    pay()
except RuntimeError:
    sentry_sdk.capture_exception()
