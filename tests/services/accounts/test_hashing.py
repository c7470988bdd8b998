"""Strangers who try to log in cannot hold every thread, nor all memory."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from argon2 import PasswordHasher, profiles

from app.services.accounts.hashing import HashingTurns
from app.services.errors import TooManyPasswords

pytestmark = pytest.mark.sqlite_only("nothing here depends on the database")

PATIENCE_SECONDS = 30


class HeldHasher(PasswordHasher):
    """Compares when it is let go; knows how many do so at once, and how many have come."""

    def __init__(self):
        cheap = profiles.CHEAPEST
        super().__init__(cheap.time_cost, cheap.memory_cost, cheap.parallelism)
        self.guard = threading.Lock()
        self.began, self.go_on = threading.Event(), threading.Event()
        self.at_once = self.most_at_once = 0

    def verify(self, hash, password):
        with self.guard:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.began.set()
        assert self.go_on.wait(PATIENCE_SECONDS)
        try:
            return super().verify(hash, password)
        finally:
            with self.guard:
                self.at_once -= 1


@pytest.fixture
def hasher():
    return HeldHasher()


@pytest.fixture
def app(make_app, settings, clock, hasher):
    """Of eight threads, as by default: one password is hashed, and two wait."""
    return make_app(replace(settings, threads=8), clock=clock, password_hasher=hasher)


def log_in(app, number, path="/api/auth/login"):
    credentials = {"email": f"user{number}@example.com", "password": "wrong, and long enough"}
    return app.test_client().post(
        path, json=credentials, environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"}
    )


def test_of_sixteen_logins_at_once_few_are_looked_at_and_the_rest_is_told_to_come_back(app, hasher):
    with ThreadPoolExecutor(16) as pool:
        logins = [pool.submit(log_in, app, number) for number in range(16)]
        refused = threading.Semaphore(0)
        for login in logins:
            login.add_done_callback(lambda _: refused.release())
        for _ in range(13):  # they are answered while the first one still hashes
            assert refused.acquire(timeout=PATIENCE_SECONDS)
        hasher.go_on.set()
    answers = [login.result() for login in logins]

    assert sorted(answer.status_code for answer in answers) == [401] * 3 + [503] * 13
    assert hasher.most_at_once == 1
    busy = next(answer for answer in answers if answer.status_code == 503)
    assert busy.headers["Retry-After"] == "2"
    assert "Try again" in busy.get_json()["message"]


def test_who_is_told_to_come_back_has_not_tried(app, hasher):
    """Nine come while others hash; then five are wrong in a minute, as ever."""
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(log_in, app, number) for number in range(3)]
        assert hasher.began.wait(PATIENCE_SECONDS)
        while app.extensions["hashing_turns"]._admitted._value:
            pass  # all three are in
        refused = {log_in(app, 77).status_code for _ in range(9)}
        hasher.go_on.set()
    assert [login.result().status_code for login in waiting] == [401] * 3
    assert refused == {503}
    assert [log_in(app, 77).status_code for _ in range(6)] == [401] * 5 + [429]


def test_of_those_told_to_come_back_none_is_counted_for_its_address(app, hasher):
    """Thirty passwords a minute and address are hashed, whatever was refused before."""
    turns = app.extensions["hashing_turns"]
    hasher.go_on.set()
    held = 0
    while turns._admitted.acquire(blocking=False):
        held += 1
    assert {log_in(app, 77).status_code for _ in range(40)} == {503}
    turns._admitted.release(held)
    assert log_in(app, 77).status_code == 401


def test_feedback_is_taken_meanwhile(app, hasher, post_feedback):
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(log_in, app, number) for number in range(3)]
        assert hasher.began.wait(PATIENCE_SECONDS)
        assert post_feedback(message="Hi").status_code == 202
        hasher.go_on.set()
    assert [login.result().status_code for login in waiting] == [401] * 3


def test_a_turn_comes_back_whatever_happens_in_it(app, hasher):
    hasher.go_on.set()
    for number in range(20):
        assert log_in(app, number).status_code == 401


@pytest.mark.parametrize(("threads", "admitted"), [(1, 2), (2, 2), (8, 3), (32, 12)])
def test_no_more_than_three_eighths_of_the_threads_are_ever_held(threads, admitted):
    turns = HashingTurns(threads=threads)
    for _ in range(admitted):
        assert turns._admitted.acquire(blocking=False)
    with pytest.raises(TooManyPasswords), turns.turn():
        pass
