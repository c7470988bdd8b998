"""What SDKs lost before they sent it."""

import pytest
from hypothesis import given

from app.domain.sentry.client_reports import Discarded, discarded_of
from tests.domain.sentry.jsons import client_reports


@given(report=client_reports)
def test_any_object_is_a_report_of_bounded_names_and_sums(report):
    for each in discarded_of(report):
        assert 0 < len(each.category) <= 40 and 0 < len(each.reason) <= 40
        assert 0 < each.quantity <= 10**9


@pytest.mark.parametrize(
    "list_",
    ["discarded_events", "rate_limited_events", "filtered_events", "filtered_sampling_events"],
)
def test_quantities_of_one_reason_are_added(list_):
    lost = {"reason": "before_send", "category": "error", "quantity": 2}
    assert discarded_of({list_: [lost, None, lost]}) == [Discarded("error", "before_send", 4)]


@pytest.mark.parametrize("name", ["With Blanks", "x" * 41, "", None, 7, ["error"], "a@b.co"])
def test_names_that_are_none_are_other(name):
    (lost,) = discarded_of(
        {"discarded_events": [{"reason": name, "category": name, "quantity": 1}]}
    )
    assert lost == Discarded("other", "other", 1)


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 10**9 + 1, "x", None, True])
def test_quantity_that_is_none_counts_nothing(quantity):
    told = {"reason": "r", "category": "c", "quantity": quantity}
    assert discarded_of({"discarded_events": [told]}) == []
