"""All that one request of the Sentry dialect told: stored together, or not at all."""

from app.services.received.reports import store

__all__ = ["store"]
