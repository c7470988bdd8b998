"""How gunicorn and the command serve the app."""
