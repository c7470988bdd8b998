"""CPU time is counted where it was spent, as far as rooms know."""

import json
import logging
import sqlite3
import time

import flask
import flask_limiter
import limits
import pytest
import sqlalchemy

from app import signals
from app.domain import scrubber
from app.services.feedback import submissions
from bench.ladder import seen_sqlite
from bench.ladder.rooms import room_of, seconds_by_room


@pytest.mark.parametrize(
    ("file_name", "room"),
    [
        (submissions.__file__, "app.services"),
        (signals.__file__, "app.signals"),
        (flask.__file__, "Flask, Werkzeug"),
        (sqlalchemy.__file__, "SQLAlchemy"),
        (logging.__file__, "logging"),
        (json.__file__, None),
        (__file__, None),
        ("<string>", None),
    ],
)
def test_code_has_a_room_unless_it_works_for_its_callers(file_name, room):
    assert room_of(file_name, "any_function") == room


def test_flask_limiter_and_what_it_limits_with_are_one_room():
    names = (limits.__file__, flask_limiter.__file__)
    assert {room_of(name, "any") for name in names} == {"Flask-Limiter, limits"}


def test_cpu_time_counts_for_the_room_whose_code_called_the_standard_library():
    text = "write to somebody@example.com, " * 2000

    def scrub_for_a_while():
        ends_at = time.thread_time() + 0.3
        while time.thread_time() < ends_at:
            scrubber.scrub(text)

    rooms = seconds_by_room(scrub_for_a_while)

    assert rooms["app.domain"] > sum(rooms.values()) / 2
    assert sum(rooms.values()) <= 0.5


def test_sqlite_is_seen_at_work_and_at_its_commits(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite3, "connect", sqlite3.connect)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", sqlite3.dbapi2.connect)
    seen_sqlite.install()
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    connection.execute("CREATE TABLE numbers (n INTEGER)")
    query = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 300000)"

    def count():
        cursor = connection.cursor()
        for _ in range(5):
            cursor.execute(f"{query} SELECT max(n) FROM c")
            assert cursor.fetchone() == (300_000,)

    rooms = seconds_by_room(count)
    connection.close()

    assert rooms["SQLite: statements"] > sum(rooms.values()) / 2


def test_a_commit_by_statement_is_a_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite3, "connect", sqlite3.connect)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", sqlite3.dbapi2.connect)
    seen_sqlite.install()
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    cursor = connection.cursor()
    ended = []
    monkeypatch.setattr(type(cursor), "_end", lambda self, sql: ended.append(sql))
    for statement in ("CREATE TABLE a (n)", "COMMIT", "rollback"):
        cursor.execute(statement)
    connection.close()

    assert ended == ["COMMIT", "rollback"]
