"""A wall clock to move, a client that posts anything, and a way to get every kind of answer."""

from dataclasses import replace

import pytest

# What an SDK could be blamed for if it ever showed up where it must not.
LEAK = "leak@example.com from 203.0.113.9"


@pytest.fixture
def settings(settings):
    """A locked database is answered soon.

    PostgreSQL gets a second: its own vacuum locks a table for some milliseconds when it gives back
    the room of what earlier tests stored.
    """
    return replace(settings, sqlite_busy_seconds=0, postgresql_busy_seconds=1)


@pytest.fixture
def post_body(client, project):
    """POST these bytes with a good token."""

    def post(body=b"", *, path="/feedback", headers=None, **kwargs):
        headers = {"X-Pionne-Token": project.token, **(headers or {})}
        return client.post(path, data=body, headers=headers, **kwargs)

    return post


@pytest.fixture
def statuses(post_feedback):
    """The statuses that so many requests are answered with, as a set."""

    def send(count, *args, **kwargs):
        return {post_feedback(*args, **kwargs).status_code for _ in range(count)}

    return send


@pytest.fixture
def failing_inserts(database):
    """The database refuses feedback for a reason that nobody foresaw, and quotes it."""
    database.refuse_inserts("feedback", saying=LEAK)


@pytest.fixture
def answer(client, project, post_feedback, request):
    """Makes a request that is answered with this status."""

    def ask(status, *, headers=None):
        headers = headers or {}
        match status:
            case 202:
                return post_feedback(headers=headers)
            case 401:
                return client.post("/feedback", json={"message": "Hello"}, headers=headers)
            case 404:
                return post_feedback(path="/events/1/feedback", headers=headers)
            case 405:
                return client.get("/feedback", headers=headers)
            case 413:
                return post_feedback("x" * (3 * 1024 * 1024), headers=headers)
            case 422:
                return post_feedback("", headers=headers)
            case 429:
                request.getfixturevalue("wall_clock")
                for _ in range(100):
                    post_feedback("")
                return post_feedback(headers=headers)
            case 500:
                request.getfixturevalue("failing_inserts")
                return post_feedback(headers=headers)
            case 503:
                request.getfixturevalue("locked_database")
                return post_feedback(headers=headers)
        raise LookupError(status)

    return ask
