"""Prints the settings into the table of docs/configuration.md, between markers (`make docs`)."""

import dataclasses
from pathlib import Path

from app.config import Settings

BEGIN, END = "<!-- settings: written by `make docs` -->\n", "<!-- end of settings -->\n"


def settings_table() -> str:
    """The Markdown table of all settings, for docs/configuration.md."""
    rows = ["| Variable | Default | Unit | Why |", "|---|---|---|---|"]
    for field in dataclasses.fields(Settings):
        described = field.metadata
        default = f"`{described['default']}`" if described["default"] else "(empty)"
        rows.append(
            f"| `{described['name']}` | {default} | {described['unit']} | {described['why']} |"
        )
    return "\n".join(rows) + "\n"


def with_settings(document: str) -> str:
    """The document with its table as `app.config` describes the settings now."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + settings_table() + END + after


if __name__ == "__main__":
    path = Path(__file__).parent.parent / "docs" / "configuration.md"
    path.write_text(with_settings(path.read_text(encoding="utf-8")), encoding="utf-8")
