"""Prints the settings into the table of docs/configuration.md, between markers (`make docs`)."""

from pathlib import Path

from app.config import settings_table

BEGIN, END = "<!-- settings: written by `make docs` -->\n", "<!-- end of settings -->\n"


def with_settings(document: str) -> str:
    """The document with its table as `app.config` describes the settings now."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + settings_table() + END + after


if __name__ == "__main__":
    path = Path(__file__).parent.parent / "docs" / "configuration.md"
    path.write_text(with_settings(path.read_text(encoding="utf-8")), encoding="utf-8")
