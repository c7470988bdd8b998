"""All checks together: none stops the others."""

import pytest

from app.services.instance.doctor import Level, files

pytestmark = pytest.mark.sqlite_only(
    "the clock is moved, and PostgreSQL has its own: test_postgresql"
)

CHECKS = ["settings", "key", "files", "disk", "database", "journal", "lock", "integrity"]
CHECKS += ["migrations", "clock", "shares", "limiter", "proxy", "backup"]


def test_every_check_says_something_in_one_line(diagnose):
    found = diagnose()
    assert list(found) == CHECKS
    for (finding,) in found.values():
        assert finding.message.endswith(".")
        assert "\n" not in finding.message


def test_check_that_fails_itself_is_told_and_the_others_go_on(diagnose, monkeypatch):
    def fail(_):
        raise RuntimeError("with a secret")

    monkeypatch.setattr(files, "check_key", fail)
    found = diagnose()
    assert list(found) == CHECKS
    (finding,) = found["key"]
    assert finding.level is Level.PROBLEM
    assert finding.message == "This could not be checked: RuntimeError."


def test_file_that_may_not_be_read_is_told_by_name(diagnose, monkeypatch, settings):
    def fail(_):
        raise PermissionError(13, "Permission denied", str(settings.app_key_file))

    monkeypatch.setattr(files, "check_key", fail)
    assert diagnose()["key"][0].message == (
        f"This could not be checked: Permission denied ({settings.app_key_file})."
    )


def test_database_that_is_broken_stops_no_other_check(diagnose, database):
    database.unlink()
    found = diagnose()
    assert [check for check in CHECKS if check not in found] == CHECKS[5:11]
