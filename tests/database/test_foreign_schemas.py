"""`pionne-feedback db …` on a database that this code must not touch says what a start says."""

import pytest

from app.services.instance.readiness import UNFINISHED_MOVE


@pytest.mark.parametrize("command", ["upgrade", "current", "downgrade", "check"])
@pytest.mark.parametrize(
    ("revisions", "expected"),
    [
        (["f00dfeed"], "was migrated by a newer version of this code (f00dfeed)"),
        ([UNFINISHED_MOVE], "run `pionne-feedback move` again where it comes from"),
        (["kept", UNFINISHED_MOVE], "run `pionne-feedback move` again where it comes from"),
    ],
    ids=["newer", "moving", "half moved"],
)
def test_schema_that_is_not_ours_is_said_in_one_line(
    run, database, database_rows, command, revisions, expected
):
    if "kept" not in revisions:
        database.execute("DELETE FROM alembic_version")
    for revision in set(revisions) - {"kept"}:
        database.execute(f"INSERT INTO alembic_version (version_num) VALUES ('{revision}')")
    before = sorted(database_rows("SELECT version_num FROM alembic_version"))
    result = run("db", command)

    said = (result.printed + result.errors).strip()
    assert result.exit_code == 1
    assert expected in said
    assert len(said.splitlines()) == 1
    assert sorted(database_rows("SELECT version_num FROM alembic_version")) == before
