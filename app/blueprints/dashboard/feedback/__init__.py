"""Feedback over the API."""
