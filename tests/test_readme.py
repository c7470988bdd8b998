"""The README says what the code says."""

from pathlib import Path

from app.config import settings_table

README = Path(__file__).parent.parent / "README.md"


def test_settings_table_of_the_readme_is_the_one_of_the_code():
    assert settings_table() in README.read_text(encoding="utf-8"), "run `make docs`"
