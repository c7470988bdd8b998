"""For `gunicorn` and `flask --app wsgi` in a checkout; all of it is in app/wsgi.py."""

from app.wsgi import app as app  # noqa: F401
