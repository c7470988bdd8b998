"""Prepared statements do what SQLAlchemy's own execution does, faster."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, literal, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from app.database import insert_into, insert_unless_exists, single_statements, write_transaction
from app.database.prepared import Prepared
from app.extensions import db
from app.models import Project

pytestmark = pytest.mark.usefixtures("context")

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
INSERT = Prepared(lambda dialect_name: insert_into(dialect_name, Project).returning(Project.id))
INSERT_ONCE = Prepared(
    lambda dialect_name: insert_unless_exists(dialect_name, Project, "id", returning=Project.id)
)
NAMED = Prepared(
    lambda _: select(Project.id, Project.name, Project.created_at, literal("told"))
    .where(Project.name == bindparam("name"), Project.platform == "preview")
    .order_by(Project.id)
)
RENAME = Prepared(
    lambda _: update(Project).where(Project.id == bindparam("at")).values(name=bindparam("to"))
)


def values(n, **others):
    return {
        "name": "Garden shop",
        "id": n,
        "platform": "preview",
        "created_at": NOON,
        "deleted_at": NOON,
        **others,
    }


def insert(n, **others):
    with write_transaction() as connection:
        return INSERT.value(connection, values(n, **others))


def named(name="Garden shop"):
    with single_statements() as connection:
        return NAMED.rows(connection, {"name": name})


def test_it_stores_and_reads_what_the_types_of_the_columns_say():
    elsewhere = NOON.astimezone(timezone(timedelta(hours=9)))
    new_id = insert(1, created_at=elsewhere)
    assert named() == [(new_id, "Garden shop", NOON, "told")]
    (row,) = named()
    assert row[2].tzinfo is UTC
    with single_statements() as connection:
        assert connection.execute(select(Project.created_at)).scalar_one() == NOON


def test_a_value_is_one_of_the_first_row_or_none():
    first = insert(1)
    insert(2)
    with single_statements() as connection:
        assert NAMED.value(connection, {"name": "Garden shop"}) == first
        assert NAMED.value(connection, {"name": "Kitchen shop"}) is None


def test_a_statement_that_returns_nothing_gives_no_rows():
    new_id = insert(1)
    with write_transaction() as connection:
        assert RENAME.rows(connection, {"at": new_id, "to": "Kitchen shop"}) == []
    assert [row[0] for row in named("Kitchen shop")] == [new_id]


def test_each_runs_it_for_all_values_and_for_none():
    ids = [insert(n) for n in (1, 2, 3)]
    with write_transaction() as connection:
        RENAME.each(connection, [{"at": each, "to": "Renamed"} for each in ids[:2]])
        RENAME.each(connection, [])
    assert [row[0] for row in named("Renamed")] == ids[:2]


def test_it_is_part_of_the_transaction():
    with pytest.raises(LookupError), write_transaction() as connection:
        INSERT.rows(connection, values(1))
        raise LookupError
    assert named() == []


def test_a_conflict_returns_no_row():
    insert(1)
    with write_transaction() as connection:
        assert INSERT_ONCE.value(connection, values(1)) is None


@pytest.mark.parametrize("run", ["rows", "each"])
def test_errors_are_those_of_sqlalchemy_and_quote_no_value(run):
    insert(1)
    wrong = values(1, name="a secret name")
    with pytest.raises(IntegrityError) as caught, write_transaction() as connection:
        getattr(INSERT, run)(connection, wrong if run == "rows" else [wrong])
    if connection.dialect.name == "sqlite":  # PostgreSQL's own text does; it is never shown
        assert "secret" not in str(caught.value)
    assert insert(2)  # and the connection is as good as before


@pytest.mark.postgresql_only("SQLite has no server")
def test_a_connection_that_the_server_closed_is_given_up():
    with pytest.raises(OperationalError) as caught, write_transaction() as connection:
        INSERT.rows(connection, values(1))
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        INSERT.rows(connection, values(2))
    assert caught.value.connection_invalidated
    assert named() == []
    assert insert(3)


@pytest.mark.sqlite_only("the statement is compiled alike for both")
def test_it_is_built_once():
    built = []
    counted = Prepared(lambda dialect_name: built.append(dialect_name) or select(Project.id))
    for _ in range(2):
        with single_statements() as connection:
            counted.rows(connection, {})
    assert built == ["sqlite"]
