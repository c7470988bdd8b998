"""Every version has one number: in the code, the changelog, the tags, and what an upgrade asks."""

import re
import subprocess
from datetime import date
from pathlib import Path

from app import __version__

ROOT = Path(__file__).parent.parent
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
UPGRADING = (ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
_KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def released() -> list[tuple[str, str]]:
    """Numbers and days, in the order of the changelog."""
    return re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\S+)$", CHANGELOG, re.MULTILINE)


def test_changelog_begins_with_what_is_not_released_and_then_has_the_version_of_the_code():
    headings = re.findall(r"^## .*$", CHANGELOG, re.MULTILINE)

    assert headings[0] == "## [Unreleased]"
    assert headings[1].startswith(f"## [{__version__}] - ")
    assert len(headings) == len(released()) + 1  # each has the form of keep a changelog


def test_versions_are_of_days_and_newest_first():
    numbers = [tuple(map(int, number.split("."))) for number, _ in released()]
    days = [date.fromisoformat(day) for _, day in released()]

    assert numbers == sorted(set(numbers), reverse=True)
    assert days == sorted(days, reverse=True)


def test_changes_are_of_the_kinds_of_keep_a_changelog():
    assert set(re.findall(r"^### (.*)$", CHANGELOG, re.MULTILINE)) <= _KINDS


def test_each_version_says_what_it_asks_of_who_upgrades():
    asked = re.findall(r"^### (.*)$", UPGRADING.partition("## What each version asks")[2], re.M)

    assert asked == ["Unreleased", *(number for number, _ in released())]


def test_each_version_names_its_tag():
    for number, _ in released():
        section = CHANGELOG.partition(f"## [{number}]")[2].partition("\n## ")[0]
        assert f"`v{number}`" in section


def test_each_tag_is_a_version_of_the_changelog():
    """A copy without its history has no tags to compare."""
    listed = subprocess.run(
        ["git", "tag", "--list", "v*"], cwd=ROOT, capture_output=True, text=True
    )

    assert set(listed.stdout.split()) <= {f"v{number}" for number, _ in released()}
