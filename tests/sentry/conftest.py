"""Hypothesis without its deadline: no test here depends on how fast the machine is."""

from hypothesis import settings

settings.register_profile("sentry", settings(), deadline=None)
settings.load_profile("sentry")
