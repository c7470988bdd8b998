"""Releases, their rates and charts."""
