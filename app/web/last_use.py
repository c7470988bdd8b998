"""When a project token was last used, exact to the hour.

A process writes it once an hour for each token, after the answer has left: no sender waits for it,
and whoever kills the process in between loses at most the newest hour.
"""

from datetime import datetime
from functools import partial

from flask import Flask, Response

from app.current import this_app, this_g
from app.database import note_failure
from app.extensions import now
from app.services.projects import senders
from app.services.projects import tokens as project_tokens


def note_use(response: Response) -> Response:
    """Also of what was refused: an app is out there with the token."""
    sender = this_g().get("sender")
    if sender is not None:
        hour = now().replace(minute=0, second=0, microsecond=0)
        if senders.is_first_use(sender, hour=hour):
            response.call_on_close(partial(_write, this_app(), sender.token_digest, hour))
    return response


def _write(app: Flask, digest: bytes, hour: datetime) -> None:
    """The answer has left, so a failure reaches nobody but the log."""
    with app.app_context():
        try:
            project_tokens.note_use(digest, hour=hour)
        except Exception as error:
            note_failure(error)
