"""For `gunicorn` in a checkout; what it is told is in app/entrypoints/gunicorn_settings.py."""

from app.entrypoints.gunicorn_settings import *  # noqa: F401,F403
