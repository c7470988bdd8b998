"""gunicorn for the yardsticks: the service's own settings, without what it does for the service."""

import runpy

from gunicorn.config import KNOWN_SETTINGS

_of_service = runpy.run_path("gunicorn.conf.py")
globals().update(
    {
        setting.name: _of_service[setting.name]
        for setting in KNOWN_SETTINGS
        if setting.name in _of_service and not callable(_of_service[setting.name])
    }
)
