"""Bodies that cost much to read: what they say is read all the same, or refused in words."""

import gc
import json

import pytest
from marshmallow import ValidationError

from app.web.incoming import lenient_json

LONG = "9" * 4301


@pytest.mark.parametrize("blanks", [0, 1, 4300, 4301, 5000, 9000])
def test_an_integer_of_thousands_of_digits_is_found_wherever_it_stands(blanks):
    read = lenient_json(f'{{"n": {" " * blanks}{LONG}, "m": {LONG}{LONG}, "k": 7}}')
    assert read == {"n": float(LONG), "m": float(LONG * 2), "k": 7}


@pytest.mark.parametrize("written", [LONG, f"-{LONG}"])
def test_an_integer_of_thousands_of_digits_is_a_float(written):
    read = lenient_json(f'{{"n": [1, {written}, 2]}}')["n"]
    assert read == [1, float(written), 2]
    assert isinstance(read[0], int)


@pytest.mark.parametrize(
    "text", [LONG, f'say "{LONG}"', f"\\{LONG}", f'\\"{LONG}', f"{LONG} {LONG}"]
)
def test_digits_in_a_text_stay_beside_an_integer_of_thousands_of_digits(text):
    body = json.dumps({"before": text, "n": 0, "after": text}).replace("0,", f"{LONG},", 1)
    if f'"n": {LONG}' not in body:
        body = json.dumps({"before": text, "after": text})[:-1] + f', "n": {LONG}}}'
    read = lenient_json(body)
    assert (read["before"], read["after"]) == (text, text)


@pytest.mark.parametrize("number", [f"{LONG}.5", f"1.{LONG}", f"{LONG}e-4300", f"1e-{LONG}"])
def test_a_float_of_thousands_of_digits_is_read_beside_such_an_integer(number):
    assert lenient_json(f'{{"f": {number}, "n": {LONG}}}')["f"] == float(number)


def test_what_is_no_json_behind_such_an_integer_is_refused():
    with pytest.raises(ValidationError):
        lenient_json(f'{{"n": {LONG}, x}}')


@pytest.fixture
def working_collector():
    """Whatever else switched it off in this process."""
    was_on = gc.isenabled()
    gc.enable()
    yield
    if not was_on:
        gc.disable()


@pytest.mark.parametrize("end", ["]}", "]"])
def test_the_collector_works_again_after_a_large_body(working_collector, end):
    try:
        lenient_json('{"l": [' + "[]," * 50_000 + "0" + end)
    except ValidationError:
        pass
    assert gc.isenabled()


def test_the_collector_rests_while_a_large_body_is_decoded(working_collector):
    runs: list[str] = []

    def note(phase: str, _: object) -> None:
        runs.append(phase)

    body = '{"l": [' + "[]," * 100_000 + "0]}"
    gc.callbacks.append(note)
    try:
        read = lenient_json(body)
    finally:
        gc.callbacks.remove(note)
    assert len(read["l"]) == 100_001
    assert len(runs) < 20  # hundreds, if it looked at the lists as they are made


@pytest.mark.parametrize("path", ["/feedback", "/sessions"])
@pytest.mark.parametrize("part", ["[],", "{},", "0,", '"",'])
def test_a_body_of_nothing_but_small_parts_is_refused(client, project, path, part):
    body = '{"message": "x", "extra": [%s0]}' % (part * 60_000)
    answer = client.post(path, data=body, headers={"X-Pionne-Token": project.token})
    assert answer.status_code == 413
    assert "lists, objects and values" in answer.get_json()["message"]


def test_a_long_text_with_brackets_and_commas_is_read(client, project):
    body = json.dumps({"message": "x", "log": "f(a, b), [1], {}; " * 9_000})
    answer = client.post("/feedback", data=body, headers={"X-Pionne-Token": project.token})
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("path", "digits"),
    [("/feedback", 200_000), ("/sessions", 200_000), ("/ingest", 500_000), ("/", 500_000)],
)
@pytest.mark.parametrize("number", ["9" * 4000, f"{'1' * 700}.{'5' * 67}e-307"])
def test_a_body_of_nothing_but_digits_is_refused(client, project, path, digits, number):
    numbers = f"{number}," * (digits // sum(map(str.isdigit, number)) + 1)
    body = '{"message": "x", "extra": [%s0]}' % numbers
    answer = client.post(path, data=body, headers={"X-Pionne-Token": project.token})
    assert answer.status_code == 413
    assert f"more than {digits} digits" in answer.get_json()["message"]


@pytest.mark.parametrize("path", ["/feedback", "/ingest"])
@pytest.mark.parametrize(
    "text", ["1234567890" * 60_000, '"4711" ' * 100_000, "\\4711\\" * 100_000, "4711\n" * 100_000]
)
def test_a_long_text_of_digits_is_read(client, project, path, text):
    body = json.dumps({"message": "x", "exception_type": "E", "log": text})
    answer = client.post(path, data=body, headers={"X-Pionne-Token": project.token})
    assert answer.status_code == 202


def test_many_numbers_within_their_digits_are_read(client, project):
    body = json.dumps({"message": "x", "extra": [1234567890] * 19_000, "log": "9" * 300_000})
    answer = client.post("/feedback", data=body, headers={"X-Pionne-Token": project.token})
    assert answer.status_code == 202
