"""Counts what a public blueprint refused a project, whatever the reason: for its app it is lost.

SDKs read no answer and send nothing again. What is accepted pays nothing for this, because only an
exception comes by here; and a refusal costs no statement (`app.services.losses`). What an unknown
token sends is nobody's loss.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.current import this_g, this_request
from app.domain.losses import LossKind, LossReason, tellable_app
from app.extensions import now
from app.services import losses
from app.services.errors import BundleMismatch
from app.web.errors import as_json, refuse_with
from app.web.incoming import BodyCutOff
from app.web.refusals import Refusal

_BY_STATUS: Mapping[int, LossReason] = {
    HTTPStatus.FORBIDDEN: LossReason.BUNDLE_MISMATCH,
    HTTPStatus.NOT_FOUND: LossReason.UNKNOWN_EVENT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: LossReason.TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS: LossReason.LIMITED,
    HTTPStatus.SERVICE_UNAVAILABLE: LossReason.UNAVAILABLE,
}


def count_refusals(
    blueprint: Blueprint,
    kinds: Mapping[str, LossKind],
    *,
    show: Callable[[Refusal], ResponseReturnValue] = as_json,
) -> None:
    """Count what is refused in the blueprint, with the kind of each endpoint's posts.

    `kinds` may be filled later, as views are registered.
    """

    def note(error: Exception, refusal: Refusal) -> None:
        sender = this_g().get("sender")  # none where the token is not known, or not any more
        if sender is None:
            return
        losses.count(
            sender.project_id,
            kind=kinds.get(this_request().endpoint or "", LossKind.OTHER),
            reason=_reason(error, refusal.status),
            now=now(),
            named_app=tellable_app(error.sent) if isinstance(error, BundleMismatch) else None,
        )

    refuse_with(blueprint, show, note=note)


def _reason(error: Exception, status: int) -> LossReason:
    if isinstance(error, BodyCutOff):
        return LossReason.CUT_OFF
    if reason := _BY_STATUS.get(status):
        return reason
    return LossReason.FAILED if status >= 500 else LossReason.INVALID
