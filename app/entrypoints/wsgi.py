"""The app that gunicorn's workers load; its master never imports this module.

app/serving/worker.py says why.
"""

import sys

from app import create_app
from app.config import ConfigurationError
from app.entrypoints.without_settings import app_without_settings

try:
    app = create_app()
except ConfigurationError as error:
    if "doctor" not in sys.argv:
        sys.exit(str(error))
    app = app_without_settings(str(error))
