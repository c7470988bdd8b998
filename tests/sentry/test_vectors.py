"""The vectors of the contract, as far as parsing and normalising decides them."""

from datetime import UTC, datetime

import pytest

from tests.sentry.pure import PureService
from tests.sentry.vectors import Place, check_answer, load

NOW = datetime(2026, 11, 30, 12, 34, 56, tzinfo=UTC)
VECTORS = load()
# What only a server decides: its routes, its headers for pages, its dialog.
OF_A_SERVER = {
    "get-405",
    "cors-preflight",
    "cors-expose",
    "em-get",
    "em-xss",
    "em-post",
    "em-post-empty",
}
# What is stored of these, only a database decides: what came before, and what belongs together.
OF_A_DATABASE = {
    "fb-replay",
    "fb-bind-after",
    "fb-bind-late",
    "fb-bind-race",
    "fb-other-project-event",
    "ur-after-event",
    "ur-overwrite",
    "ev-replay",
    "ev-same-id-two-projects",
}


def test_there_are_as_many_vectors_as_the_contract_has():
    assert len(VECTORS) == 80
    assert VECTORS.keys() >= OF_A_SERVER | OF_A_DATABASE


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in OF_A_SERVER])
def test_vector_is_answered_and_read_as_the_contract_says(name):
    place = Place(now=NOW, seed=name)
    service = PureService(place)
    for step in VECTORS[name]["steps"]:
        if "state" in step:
            if name not in OF_A_DATABASE:
                service.check_state(place.all_expanded(step["state"]))
            continue
        for number in range(step.get("repeat", 1)):
            for each in step.get("parallel", [step]):
                status, headers, body = service.answer(
                    place.request(each["request"], number=number)
                )
                expect = place.all_expanded(each["expect"], number=number)
                check_answer(expect, status=status, headers=headers, body=body)
