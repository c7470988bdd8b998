"""The audit is kept by the database itself: no statement of anybody's changes what is in it."""

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from app.database import read_transaction, write_transaction
from app.domain.audit_action import AuditAction
from app.models import AuditEntry, Project
from app.services import audit

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def entry_id(project):
    """The entry of the project's creation."""
    with read_transaction() as connection:
        return connection.execute(select(AuditEntry.id)).scalar_one()


def change(entry_id, **values):
    with write_transaction() as connection:
        connection.execute(update(AuditEntry).where(AuditEntry.id == entry_id).values(values))


def entries():
    with read_transaction() as connection:
        return connection.execute(select(*AuditEntry.__table__.columns)).all()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", 99),
        ("action", "feedback.deleted"),
        ("target_id", 7),
        ("actor", "somebody@else.example"),
        ("detail", {"name": "Another"}),
    ],
)
def test_an_entry_cannot_be_changed(entry_id, column, value):
    before = entries()

    with pytest.raises(DBAPIError, match="audit entries stay as they are"):
        change(entry_id, **{column: value})
    assert entries() == before


def test_an_entry_cannot_be_deleted(entry_id):
    with (
        pytest.raises(DBAPIError, match="audit entries go with their project only"),
        write_transaction() as connection,
    ):
        connection.execute(delete(AuditEntry).where(AuditEntry.id == entry_id))
    assert len(entries()) == 1


def test_an_entry_cannot_be_written_over(entry_id, project, clock):
    before = entries()
    values = {"id": entry_id, "project_id": project.id, "action": "x", "detail": {}}

    with pytest.raises(DBAPIError), write_transaction() as connection:
        statement = insert(AuditEntry)
        if connection.dialect.name == "sqlite":
            statement = statement.prefix_with("OR REPLACE")
        connection.execute(statement, {**values, "created_at": clock()})
    assert entries() == before


@pytest.mark.parametrize("secret", [f"pio_live_{'a' * 40}", f"7|{'b' * 40}", "c" * 40])
def test_no_entry_holds_what_may_be_a_token(project, clock, secret):
    with write_transaction() as connection:
        audit.record(
            connection,
            project.id,
            AuditAction.PROJECT_CHANGED,
            actor=f"{secret}@example.com",
            now=clock(),
            changes={"bundle_id": {"from": f"com.{secret}", "to": None}},
        )
    (entry,) = [entry for entry in entries() if entry.action == AuditAction.PROJECT_CHANGED]
    assert entry.actor == "[REDACTED]@example.com"
    assert entry.detail == {"changes": {"bundle_id": {"from": "com.[REDACTED]", "to": None}}}


def test_erasing_a_person_may_hide_who_it_was_and_leaves_the_deed(entry_id):
    change(entry_id, actor="[REDACTED]", detail={"name": "[REDACTED]"})

    (entry,) = entries()
    assert (entry.actor, entry.action) == ("[REDACTED]", "project.created")


def test_entries_go_with_their_project(entry_id, project):
    with write_transaction() as connection:
        connection.execute(delete(Project).where(Project.id == project.id))
    assert entries() == []
