"""Settings from a file: the service, its timers and a person's shell read the same one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.config import ConfigurationError, Settings, read_settings


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Settings]:
    """Reads settings from a file with this text, and from these variables."""

    def read_file(text: str, **environment: str) -> Settings:
        path = tmp_path / "settings.env"
        path.write_text(text, encoding="utf-8")
        return read_settings({"SETTINGS_FILE": str(path), **environment})

    return read_file


@pytest.mark.parametrize(
    "line",
    ["PORT=9000", "  PORT = 9000  ", "PORT='9000'", 'PORT="9000"', "# a word\n\nPORT=9000\r\n"],
)
def test_setting_is_read_from_its_line(read, line):
    assert read(line).port == 9000


def test_value_is_taken_as_it_stands(read):
    url = "redis://pionne:p#ss=w$rd@store/0"
    assert read(f"RATELIMIT_STORAGE_URI={url}").ratelimit_storage_uri == url


def test_environment_wins(read):
    assert read("PORT=9000", PORT="9001").port == 9001


def test_empty_variable_does_not_hide_the_files_line(read):
    assert read("PORT=9000", PORT=" ").port == 9000


@pytest.mark.parametrize("line", ["PORT=", 'PORT=""'])
def test_empty_line_counts_as_not_set(read, line):
    assert read(line).port == 8000


def test_key_file_of_the_settings_file_is_read(read, tmp_path):
    (tmp_path / "key").write_text("k" * 40)
    assert read(f"APP_KEY_FILE={tmp_path / 'key'}").app_key == "k" * 40


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("PORT 9000", "line 2 is no NAME=value"),
        ("PROT=9000", "line 2 names no setting"),
        ("SETTINGS_FILE=/other", "line 2 names no setting"),
        ("PASSWORD=hunter2", "line 2 names no setting"),
        ("PORT=eighty", "PORT must be a whole number"),
    ],
)
def test_line_that_cannot_be_used_is_named_and_not_quoted(read, line, reason):
    with pytest.raises(ConfigurationError, match=reason) as refusal:
        read(f"# a comment\n{line}\n")
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_file_that_cannot_be_read_is_refused(tmp_path, content):
    path = tmp_path / "settings.env"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="SETTINGS_FILE .* cannot be read"):
        read_settings({"SETTINGS_FILE": str(path)})
