"""The migrations make what the models describe, on both databases."""

from dataclasses import replace

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from app.database import read_transaction
from app.extensions import MIGRATIONS_DIR, Model, db

# PostgreSQL puts some around each part.
WITHOUT_BRACKETS = str.maketrans("", "", "()")
TABLES = {"accounts", "user_tokens", "projects", "issues", "events", "feedback"}


@pytest.mark.usefixtures("context")
def test_models_and_migrations_agree():
    with read_transaction() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Model.metadata) == []


@pytest.mark.usefixtures("context")
def test_constraints_and_indexes_have_the_names_of_the_models():
    inspector = inspect(db.engine)
    for table in Model.metadata.sorted_tables:
        named = {index.name for index in table.indexes}
        # PostgreSQL lists those behind unique constraints too.
        found = [each for each in inspector.get_indexes(table.name) if not is_constraint(each)]
        assert {index["name"] for index in found} == named
        keys = {key.constraint.name for key in table.foreign_keys}
        assert {key["name"] for key in inspector.get_foreign_keys(table.name)} == keys


def is_constraint(index):
    return "duplicates_constraint" in index


@pytest.mark.usefixtures("context")
def test_partial_indexes_have_the_conditions_of_the_models(database_name):
    indexes = inspect(db.engine).get_indexes("feedback")
    conditions = {
        index["name"]: str(index.get("dialect_options", {}).get(f"{database_name}_where"))
        for index in indexes
    }
    for index in Model.metadata.tables["feedback"].indexes:
        wanted = str(index.dialect_options[database_name]["where"])
        if database_name == "postgresql":  # which spells them in its own way
            wanted = wanted.replace("status != 'archived'", "(status)::text <> 'archived'::text")
        assert conditions[index.name].translate(WITHOUT_BRACKETS) == wanted.translate(
            WITHOUT_BRACKETS
        ), index.name


@pytest.mark.sqlite_only("PostgreSQL's are below")
@pytest.mark.usefixtures("context")
def test_ids_are_never_reused():
    with read_transaction() as connection:
        sql = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
        assert set(connection.exec_driver_sql(sql).scalars()) >= TABLES


@pytest.mark.postgresql_only("SQLite's are above")
@pytest.mark.usefixtures("context")
def test_ids_come_from_sequences_on_postgresql():
    inspector = inspect(db.engine)
    for table in TABLES:
        (row_id,) = [each for each in inspector.get_columns(table) if each["name"] == "id"]
        assert row_id["default"].startswith("nextval("), table


@pytest.mark.postgresql_only("SQLite's text is always UTF-8")
def test_a_database_of_another_encoding_is_not_migrated(settings, make_app, ascii_postgresql_url):
    url = ascii_postgresql_url.replace("postgresql:", "postgresql+psycopg:")
    app = make_app(replace(settings, database_url=url))
    with app.app_context():
        with pytest.raises(SystemExit, match="SQL_ASCII.* ENCODING 'UTF8'"):
            flask_migrate.upgrade()
        assert inspect(db.engine).get_table_names() == []


def test_there_is_one_newest_migration():
    assert len(ScriptDirectory(str(MIGRATIONS_DIR)).get_heads()) == 1
