"""What SDKs say that they never sent: counted in numbers, never in bytes."""

from tests.domain.sentry.envelopes import written
from tests.sentry.vectors import Request


def test_bytes_of_what_is_told_by_number_are_not_counted(service):
    discarded = [
        {"category": "log_item", "reason": "network_error", "quantity": 3},
        {"category": "log_byte", "reason": "network_error", "quantity": 90_000},
    ]
    told = ({"type": "client_report", "length": True}, {"discarded_events": discarded})
    auth = {"X-Sentry-Auth": f"Sentry sentry_key={service.place.key}"}
    path = f"/api/{service.place.project}/envelope/"
    assert service.answer(Request("POST", path, auth, written({}, told)))[0] == 200
    service.check_state({"losses_total": {"client": 3}})
