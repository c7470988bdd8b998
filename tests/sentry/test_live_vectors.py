"""The vectors of the contract, sent to the app: its answers, and what is in its database then."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sentry.vectors import check_answer, load

VECTORS = load()


@pytest.mark.parametrize("name", list(VECTORS))
def test_vector_is_answered_and_stored_as_the_contract_says(name, service):
    for step in VECTORS[name]["steps"]:
        if "state" in step:
            service.check_state(service.place.all_expanded(step["state"]))
            continue
        told = [
            (each, number)
            for number in range(step.get("repeat", 1))
            for each in step.get("parallel", [step])
        ]
        if "parallel" in step:
            with ThreadPoolExecutor(len(step["parallel"]) * 2) as threads:
                list(threads.map(lambda each: send(service, *each), told))
        else:
            for each in told:
                send(service, *each)


def send(service, step, number):
    status, headers, body = service.answer(service.place.request(step["request"], number=number))
    expect = service.place.all_expanded(step["expect"], number=number)
    check_answer(expect, status=status, headers=headers, body=body)
