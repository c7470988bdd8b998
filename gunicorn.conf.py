"""For `gunicorn` in a checkout; what it is told is in app/gunicorn_settings.py."""

from app.gunicorn_settings import *  # noqa: F401,F403
