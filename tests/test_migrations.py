"""The migrations make what the models describe, and go back and forth without losing their way."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from app.database import read_transaction
from app.extensions import MIGRATIONS_DIR, Model, db
from app.services import accounts

TABLES = {"accounts", "user_tokens", "projects", "issues", "events", "feedback"}


@pytest.fixture
def tables(app):
    """The tables there are, without alembic's own."""

    def read():
        with app.app_context():
            return set(inspect(db.engine).get_table_names()) - {"alembic_version"}

    return read


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
        assert {index["name"] for index in inspector.get_indexes(table.name)} == named
        keys = {key.constraint.name for key in table.foreign_keys}
        assert {key["name"] for key in inspector.get_foreign_keys(table.name)} == keys


@pytest.mark.usefixtures("context")
def test_partial_indexes_have_the_conditions_of_the_models():
    indexes = inspect(db.engine).get_indexes("feedback")
    conditions = {
        index["name"]: str(index.get("dialect_options", {}).get("sqlite_where"))
        for index in indexes
    }
    for index in Model.metadata.tables["feedback"].indexes:
        wanted = index.dialect_options["sqlite"]["where"]
        assert conditions[index.name] == str(wanted), index.name


@pytest.mark.usefixtures("context")
def test_ids_are_never_reused():
    with read_transaction() as connection:
        sql = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
        assert set(connection.exec_driver_sql(sql).scalars()) >= TABLES


def test_there_is_one_newest_migration():
    assert len(ScriptDirectory(str(MIGRATIONS_DIR)).get_heads()) == 1


@pytest.fixture
def full_database(make_feedback, make_event, as_owner):
    """Rows in every table, which point at one another."""
    make_feedback(event_id=make_event().id, name="Alice", status="handled")
    make_feedback(status="archived")


def test_downgrade_takes_everything_away(app, tables, full_database):
    with app.app_context():
        flask_migrate.downgrade(revision="base")
    assert tables() == set()


def test_database_that_went_down_and_up_serves_again(app, run, tables, full_database, client):
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        flask_migrate.upgrade()
    assert tables() >= TABLES
    run("accounts", "create", "a@b.example", "--password", "correct horse")
    token = run("projects", "create", "x", "--owner", "a@b.example", "--json").json["token"]
    response = client.post(
        "/feedback", json={"message": "Hello"}, headers={"X-Pionne-Token": token}
    )
    assert response.status_code == 202


def test_an_instance_with_accounts_has_had_its_first_one_after_the_upgrade(app, full_database):
    with app.app_context():
        flask_migrate.downgrade(revision="c41d8f0b27a9")
        flask_migrate.upgrade()
        with read_transaction() as connection:
            assert accounts.have_been(connection)


def test_upgrade_of_the_newest_schema_keeps_every_row(app, full_database, stored_feedback):
    before = stored_feedback()
    with app.app_context():
        flask_migrate.upgrade()
    assert stored_feedback() == before
    assert len(before) == 2
