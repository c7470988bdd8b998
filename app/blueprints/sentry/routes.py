"""Envelopes, single events of old SDKs, and the addresses of what is not kept here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from flask import Response
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from app.blueprints.sentry.addresses import UNSUPPORTED
from app.blueprints.sentry.answers import answer_to, refused
from app.blueprints.sentry.blueprint import sentry_post
from app.blueprints.sentry.bodies import (
    ENVELOPE_MAX_BYTES,
    SENT_MAX_BYTES,
    decoded_body,
    refuse_large_body,
)
from app.blueprints.sentry.counting import Allowances
from app.current import this_g, this_request
from app.domain.field_limits import MAX_ID
from app.domain.losses import LossKind, LossReason
from app.domain.sentry import store
from app.domain.sentry.content_encoding import BodyTooLarge, UnknownEncoding, UnreadableBody
from app.domain.sentry.credentials import (
    Credentials,
    NoCredentials,
    WrongCredentials,
    credentials,
)
from app.domain.sentry.envelope import EnvelopeReader, MalformedEnvelope
from app.domain.sentry.reading import reports_of, reports_of_event
from app.domain.sentry.reports import Reports
from app.domain.sentry.store import MalformedEvent, stored_event
from app.extensions import now
from app.services import losses, received
from app.services.errors import UnknownProjectToken
from app.web.sentry_key import identify_sender, refuse_guess

_NO_SUCH_PROJECT = "There is nothing at this address; check the DSN."


@sentry_post("/api/<int:project>/envelope", kind=LossKind.OTHER)
def take_envelope(project: int) -> ResponseReturnValue:
    """Store all that an SDK put into one envelope."""
    if project > MAX_ID:
        return refused(404, _NO_SUCH_PROJECT)
    allowances = Allowances()
    with _refusing_what_cannot_be_read(ENVELOPE_MAX_BYTES):
        known = _credentials(project)
        if known.key is not None:
            identify_sender(known)
        refuse_large_body()
        reader = EnvelopeReader(decoded_body(max_bytes=ENVELOPE_MAX_BYTES))
        with _counting_as_guess():
            known = known.with_dsn(reader.headers.get("dsn"))
        if this_g().get("sender") is None:
            identify_sender(known)
        with reader.read() as envelope:
            reports = reports_of(envelope, now=now(), allowance=allowances.take)
    return store_and_answer(reports, allowances)


@sentry_post("/api/<int:project>/store", kind=LossKind.EVENT)
def store_event(project: int) -> ResponseReturnValue:
    """Store the event of an old SDK."""
    if project > MAX_ID:
        return refused(404, _NO_SUCH_PROJECT)
    allowances = Allowances()
    with _refusing_what_cannot_be_read(store.MAX_BYTES):
        identify_sender(_credentials(project))
        refuse_large_body()
        event = stored_event(b"".join(decoded_body(max_bytes=store.MAX_BYTES)))
        reports = reports_of_event(event, now=now(), allowance=allowances.take)
    return store_and_answer(reports, allowances)


@sentry_post(
    f"/api/<int:project>/<any({','.join(UNSUPPORTED)}):kind>",
    f"/api/<int:project>/<any({','.join(UNSUPPORTED)}):kind>/<path:rest>",
    kind=LossKind.OTHER,
)
def refuse_unsupported(project: int, kind: str, rest: str = "") -> ResponseReturnValue:
    """Count what was posted for a kind that is not kept here, and say so."""
    try:
        sender = identify_sender(_credentials(project))
        reason = LossReason.UNSUPPORTED_ENDPOINT
        losses.count(sender.project_id, kind=LossKind.OTHER, reason=reason, now=now())
    except (NoCredentials, WrongCredentials, RateLimitExceeded):
        pass  # nobody's loss
    return refused(404, "This kind of report is not kept here.")


def store_and_answer(reports: Reports, allowances: Allowances) -> Response:
    """Raises WrongCredentials where the key was changed meanwhile."""
    of_request = this_g()
    reports.leave_attachments()
    try:
        received.store(of_request.sender, reports, address_hash=of_request.address_hash, now=now())
    except UnknownProjectToken:
        refuse_guess()
    return answer_to(reports, allowances.limits)


def _credentials(project: int) -> Credentials:
    asked = this_request()
    with _counting_as_guess():
        return credentials(
            project,
            x_sentry_auth=asked.headers.get("X-Sentry-Auth"),
            authorization=asked.headers.get("Authorization"),
            query_keys=asked.args.getlist("sentry_key"),
        )


@contextmanager
def _counting_as_guess() -> Iterator[None]:
    """What contradicts itself is a wrong key as well."""
    try:
        yield
    except WrongCredentials:
        refuse_guess()


@contextmanager
def _refusing_what_cannot_be_read(max_bytes: int) -> Iterator[None]:
    try:
        yield
    except UnknownEncoding as error:
        raise UnsupportedMediaType(str(error)) from None
    except BodyTooLarge:
        _refuse_large(max_bytes)
    except (UnreadableBody, MalformedEnvelope, MalformedEvent) as error:
        raise BadRequest(str(error)) from None


def _refuse_large(max_bytes: int) -> NoReturn:
    raise RequestEntityTooLarge(
        f"The body is too large: at most {SENT_MAX_BYTES} bytes, and {max_bytes} when decoded."
    ) from None
