"""POSTs with a project token to an address that no view has: refused, and counted as losses.

Who mistypes an address loses all that is sent there, and no SDK says a word. Nothing here runs for
a request that has a view: a stray one is met where its refusal is shown. Near an address that
exists, preflights are answered as there, so that a browser sends the post which is to be counted.
"""

import re
from collections.abc import Callable

from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from app.current import this_g, this_request
from app.domain import tokens
from app.domain.losses import LossKind, LossReason
from app.extensions import now
from app.services import losses
from app.web.cors import preflight
from app.web.errors import as_json, claim_refusals
from app.web.project_token import TokenReader, note_sender
from app.web.refusals import Refusal
from app.web.wrong_addresses import is_not_done_here

# Asked in this order: `/events/7/feedback` is about feedback.
_WORDS = (
    (re.compile("feedback", re.IGNORECASE), LossKind.FEEDBACK),
    (re.compile("session", re.IGNORECASE), LossKind.SESSION),
    (re.compile("event|ingest", re.IGNORECASE), LossKind.EVENT),
)


def count_strays(app: Flask, reader: TokenReader, *, is_near: Callable[[str], bool]) -> None:
    """For a plugin's `init_app`; `is_near` knows the addresses that are nearly one of its own."""

    def is_ours() -> bool:
        asked = this_request()
        if asked.method == "OPTIONS":
            return is_near(asked.path)
        return asked.method == "POST" and _has_token(reader)

    def show(refusal: Refusal) -> ResponseReturnValue:
        if this_request().method == "OPTIONS":
            return preflight()
        note_sender(reader)
        if sender := this_g().get("sender"):
            _count(sender.project_id, this_request().path)
        return as_json(refusal)

    claim_refusals(app, is_ours=is_ours, show=show)


def _has_token(reader: TokenReader) -> bool:
    try:
        return tokens.is_project_token(reader.read(this_request()))
    except HTTPException:  # it has two that contradict each other
        return False


def _count(project_id: int, path: str) -> None:
    kind = next((kind for word, kind in _WORDS if word.search(path)), LossKind.OTHER)
    unsupported = is_not_done_here(path)
    reason = LossReason.UNSUPPORTED if unsupported else LossReason.WRONG_ADDRESS
    losses.count(project_id, kind=kind, reason=reason, now=now())
