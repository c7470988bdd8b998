"""How long what people are handed stays good."""

from datetime import timedelta

INVITATION_LIFETIME = timedelta(days=14)
