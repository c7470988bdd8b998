"""For `gunicorn` and `flask --app wsgi` in a checkout; all of it is in app/entrypoints/wsgi.py."""

from app.entrypoints.wsgi import app  # noqa: F401
