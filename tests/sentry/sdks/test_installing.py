"""The cache of SDKs: exact, whole or not there, and made once."""

import json
import sys
from pathlib import Path

import pytest

from tests.sentry.sdks import installing

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SDK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def pinned(tmp_path):
    file = tmp_path / "pins.txt"
    file.write_text("sdk==1")
    return file


@pytest.mark.parametrize(
    "lock", sorted(HERE.glob("npm/*/package-lock.json")), ids=lambda f: f.parent.name
)
def test_locks_have_a_hash_for_each_package_and_no_address(lock):
    packages = json.loads(lock.read_text())["packages"]
    del packages[""]
    assert packages
    assert all("integrity" in each and "resolved" not in each for each in packages.values())


@pytest.mark.parametrize("file", sorted(HERE.glob("requirements/*.txt")), ids=lambda f: f.stem)
def test_requirements_are_exact_and_name_no_index(file):
    lines = [line for line in file.read_text().splitlines() if not line.startswith(" ")]
    assert lines
    assert all("==" in line and line.endswith("\\") for line in lines)


def test_a_folder_is_made_once_for_the_same_pins(pinned):
    made = []
    folders = {installing._cached("sdk", [pinned], made.append) for _ in range(2)}
    assert (len(folders), len(made)) == (1, 1)


def test_another_pin_makes_another_folder(pinned):
    before = installing._cached("sdk", [pinned], lambda folder: None)
    pinned.write_text("sdk==2")
    assert installing._cached("sdk", [pinned], lambda folder: None) != before


def test_what_was_broken_off_is_made_anew(pinned):
    def break_off(folder):
        (folder / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        installing._cached("sdk", [pinned], break_off)
    folder = installing._cached("sdk", [pinned], lambda folder: (folder / "whole").touch())
    assert [file.name for file in folder.iterdir()] == ["whole"]


@pytest.mark.parametrize(
    "required, outcome", [("0", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_what_cannot_be_fetched_is_said_in_a_line(tmp_path, monkeypatch, required, outcome):
    monkeypatch.setenv("REQUIRE_ALL", required)
    with pytest.raises(outcome, match=r"^(Did not run: )?python.* could not .*: no network\b.*$"):
        installing._run([sys.executable, "-c", "raise SystemExit('no network')"], tmp_path)
