"""The settings of an instance, and how they are read; the only readers of the environment."""

from app.config.reading import normal_database_url, read_settings
from app.config.settings import MIN_APP_KEY_CHARS, ConfigurationError, Settings

__all__ = [
    "ConfigurationError",
    "MIN_APP_KEY_CHARS",
    "Settings",
    "normal_database_url",
    "read_settings",
]
