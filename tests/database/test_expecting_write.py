"""A function that will write says so to the writers, and takes it back however it ends."""

import pytest
from flask import Flask

from app.database import expecting_write

pytestmark = pytest.mark.sqlite_only("the writers are a fake")


class FakeWriters:
    def __init__(self) -> None:
        self.told: list[str] = []

    def expect(self) -> None:
        self.told.append("expect")

    def expect_no_more(self) -> None:
        self.told.append("no more")


@pytest.fixture
def writers():
    app = Flask("writing")
    app.extensions["writers"] = FakeWriters()
    with app.app_context():
        yield app.extensions["writers"]


def test_the_write_is_expected_while_the_function_runs(writers):
    @expecting_write
    def work(word, *, again):
        writers.told.append("work")
        return word * again

    assert work("yes", again=2) == "yesyes"
    assert writers.told == ["expect", "work", "no more"]


def test_nothing_is_expected_of_a_function_that_failed(writers):
    @expecting_write
    def fail():
        raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert writers.told == ["expect", "no more"]


@pytest.mark.parametrize("path", ["/feedback", "/sessions", "/ingest"])
def test_what_is_refused_is_not_expected_any_more(app, client, project, path):
    app.extensions["writers"] = fake = FakeWriters()
    headers = {"X-Pionne-Token": project.token, "Content-Type": "application/json"}
    assert client.post(path, data="[", headers=headers).status_code in (400, 422)
    assert fake.told == ["expect", "no more"]


def test_nothing_is_expected_of_who_has_no_token(app, client):
    app.extensions["writers"] = fake = FakeWriters()
    assert client.post("/feedback", json={"message": "Hello"}).status_code == 401
    assert fake.told == []
