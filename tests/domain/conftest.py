"""Hypothesis without its deadline: no test here depends on how fast the machine is."""

from hypothesis import settings

settings.register_profile("domain", settings(), deadline=None)
settings.load_profile("domain")
