"""Purges deleted projects in the process that deleted them.

It may end at any point: what is left goes with the next deletion, or with
`pionne-feedback retention run`.
"""

from typing import cast

from flask import Flask, current_app

from app.services import pacing
from app.services.background_worker import BackgroundWorker
from app.services.projects import purge as project_purge

_EXTENSION = "background_purge"


def init_background_purge(app: Flask) -> None:
    """Starts nothing."""

    def purge() -> None:
        for _ in pacing.resting(project_purge.run(), rest=worker.stopping.wait):
            if worker.stopping.is_set():
                return

    worker = BackgroundWorker(app, purge, name=_EXTENSION)
    app.extensions[_EXTENSION] = worker


def wake() -> None:
    """To be called after the commit that deletes a project."""
    cast(BackgroundWorker, current_app.extensions[_EXTENSION]).wake()
