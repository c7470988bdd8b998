"""Statements name their columns: the prepared ones here, all others in each test (make_app)."""

import importlib
import itertools
import pkgutil

import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql, sqlite

from app import services
from app.database.prepared import Prepared
from app.services.sessions.postgresql_statement import Shape
from tests.statements import names_its_columns, note_those_without_columns

DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


def prepared_statements():
    for module_info in pkgutil.walk_packages(services.__path__, "app.services."):
        module = importlib.import_module(module_info.name)
        for name, value in vars(module).items():
            if isinstance(value, Prepared):
                yield pytest.param(value, id=f"{module.__name__}.{name}")


PREPARED = list(prepared_statements())


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("dialect_name", DIALECTS)
@pytest.mark.parametrize("statement", PREPARED)
def test_a_prepared_statement_names_its_columns(statement, dialect_name):
    sql = str(statement._build(dialect_name).compile(dialect=DIALECTS[dialect_name]))

    assert names_its_columns(sql), sql


@pytest.mark.parametrize(
    "shape", [Shape(*does) for does in itertools.product((True, False), repeat=7)], ids=str
)
def test_what_stores_a_report_on_postgresql_names_its_columns(shape):
    assert names_its_columns(shape.sql())


def test_there_are_prepared_statements():
    assert len(PREPARED) > 10


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM feedback",
        "SELECT DISTINCT * FROM feedback",
        "SELECT kept.* FROM feedback kept",
        "SELECT a.id, b.* FROM a, b",
        "INSERT INTO t VALUES (1)",
        'INSERT OR IGNORE INTO "t" SELECT id FROM s',
        "INSERT INTO t (id) VALUES (1) RETURNING *",
        "INSERT INTO t (id) VALUES (1) RETURNING t.*",
        "SELECT 1 WHERE EXISTS (\n SELECT FROM feedback)",
    ],
)
def test_a_statement_without_columns_is_one(sql):
    assert not names_its_columns(sql)


def test_counting_rows_names_no_column_and_needs_none():
    assert names_its_columns("SELECT count(*) AS n FROM feedback WHERE (SELECT 1 FROM projects)")


def test_a_statement_that_is_sent_without_columns_is_noted():
    engine, found = create_engine("sqlite://"), []
    note_those_without_columns(engine, found)

    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM (SELECT 1 AS id)")
        connection.exec_driver_sql("SELECT 1 AS id")
    engine.dispose()

    assert found == ["SELECT * FROM (SELECT 1 AS id)"]
