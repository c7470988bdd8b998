"""What the server closed while nobody looked disturbs nobody."""

import select
from contextlib import ExitStack

import pytest
from sqlalchemy import create_engine, text

from app.database.pooled_connections import init_pooled_connections
from app.extensions import db

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.postgresql_only("SQLite's connections are files"),
]


@pytest.fixture
def pooled(context):
    """An engine; how often it asked whether the server is there."""
    engines = []

    def make(**options):
        engine = create_engine(db.engine.url)
        engines.append(engine)
        asked = []
        ping = engine.dialect.do_ping
        engine.dialect.do_ping = lambda connection: asked.append(1) or ping(connection)
        init_pooled_connections(engine, **options)
        return engine, asked

    yield make
    for engine in engines:
        engine.dispose()


def backend(connection):
    return connection.execute(text("SELECT pg_backend_pid()")).scalar_one()


def fill(engine):
    """The backends of two connections, which are back in the pool."""
    with ExitStack() as stack:
        return [backend(stack.enter_context(engine.connect())) for _ in range(2)]


def end(backends):
    """As a restart does; returns when they are gone."""
    with db.engine.connect() as connection:
        for each in backends:
            ended = text("SELECT pg_terminate_backend(:pid, 5000)")
            assert connection.execute(ended, {"pid": each}).scalar_one()


def test_connections_that_the_server_closed_are_replaced_before_they_are_used(pooled):
    engine, _ = pooled()
    ended = fill(engine)
    end(ended)
    assert not set(fill(engine)) & set(ended)


def test_one_that_is_in_use_all_the_time_is_not_asked_about(pooled):
    engine, asked = pooled()
    assert set(fill(engine)) == set(fill(engine))
    assert asked == []


def test_one_that_was_not_used_for_long_is_asked_about(pooled):
    engine, asked = pooled(ask_after_idle_seconds=0)
    assert set(fill(engine)) == set(fill(engine))
    assert len(asked) == 2


def test_what_the_server_says_in_between_is_no_reason_to_connect_anew(pooled):
    """A notice makes the socket readable, too."""
    engine, asked = pooled()
    with engine.connect() as connection:
        first = backend(connection)
        driver = connection.connection.driver_connection
        connection.execute(text("LISTEN somebody"))
        connection.commit()
    with db.engine.begin() as other:
        other.execute(text("NOTIFY somebody"))
    assert select.select([driver], [], [], 10)[0]  # until it came
    with engine.connect() as connection:
        assert backend(connection) == first
    assert asked == [1]
