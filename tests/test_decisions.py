"""Decisions can be found: the index has each by its title, with what moved it on since."""

import re
from pathlib import Path

import pytest

DECISIONS = Path(__file__).parent.parent / "docs" / "decisions"
INDEX = DECISIONS / "README.md"
ALL = sorted(DECISIONS.glob("[0-9]*.md"))

_MOVED_ON = re.compile(r"^\*\*Moved on by\*\* .*?\n\n", re.MULTILINE | re.DOTALL)
_DECISION = re.compile(r"\]\((\d{4})-")
_SENTENCE = re.compile(r"\b[Dd]ecisions? (\d+)\b")


def later_ones(decision: Path) -> list[str]:
    """The numbers of those that moved it on, as it says itself."""
    found = _MOVED_ON.search(decision.read_text(encoding="utf-8"))
    return _DECISION.findall(found.group()) if found else []


@pytest.mark.parametrize("decision", ALL, ids=lambda path: path.stem)
def test_index_has_each_decision_once_as_it_calls_itself(decision: Path):
    title = decision.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
    line = f"- [{decision.name[:4]}]({decision.name}) {title}"
    if later := later_ones(decision):
        line += " → " + ", ".join(later)
    lines = INDEX.read_text(encoding="utf-8").splitlines()
    assert lines.count(line) == 1, f"{INDEX.name} needs this line once, below its subject: {line}"


def test_index_has_nothing_else():
    lines = INDEX.read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.startswith("- ")]) == len(ALL)


def test_no_two_decisions_have_one_number():
    assert len({decision.name[:4] for decision in ALL}) == len(ALL)


@pytest.mark.parametrize(
    "decision", [each for each in ALL if later_ones(each)], ids=lambda path: path.stem
)
def test_what_moved_a_decision_on_came_later(decision: Path):
    assert all(number > decision.name[:4] for number in later_ones(decision))


@pytest.mark.parametrize("decision", ALL, ids=lambda path: path.stem)
def test_decisions_that_are_named_exist(decision: Path):
    named = _SENTENCE.findall(decision.read_text(encoding="utf-8"))
    numbers = {each.name[:4] for each in ALL}
    assert [number for number in named if number.zfill(4) not in numbers] == []
