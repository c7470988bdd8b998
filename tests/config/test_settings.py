"""Every setting is read from its variable, and a bad one is named."""

import dataclasses
from pathlib import Path

import pytest

from app.config import ConfigurationError, Settings, read_settings
from docs.write_settings import settings_table

KEY = "k" * 32


ROOT = Path(__file__).parent.parent.parent


def test_nothing_set_gives_the_defaults(tmp_path, monkeypatch):
    """From wherever a command of a checkout is called, its data is in the checkout."""
    monkeypatch.chdir(tmp_path)
    assert dataclasses.asdict(read_settings({})) == {
        "settings_file": "",
        "host": "127.0.0.1",
        "port": 8000,
        "workers": 1,
        "threads": 8,
        "instance_dir": ROOT / "instance",
        "database_url": f"sqlite:///{ROOT}/instance/pionne.db",
        "database_direct_url": "",
        "app_key": "",
        "app_key_file": ROOT / "instance" / "app.key",
        "ratelimit_storage_uri": "memory://",
        "blueprints": (
            "ingest",
            "sentry",
            "dashboard",
            "accounts",
            "documentation",
            "operations",
            "console",
        ),
        "sentry_quiet": "on",
        "duplicate_window_seconds": 600,
        "max_body_bytes": 1024 * 1024,
        "max_event_body_bytes": 8 * 1024 * 1024,
        "event_bytes_per_day": 200_000_000,
        "sqlite_busy_seconds": 3,
        "postgresql_busy_seconds": 3,
        "trusted_proxies": 0,
        "event_retention_days": 30,
        "session_retention_days": 90,
        "new_releases_per_day": 200,
        "new_environments_per_day": 50,
        "new_issues_per_day": 1000,
        "feedback_retention_days": 0,
        "address_hash_retention_days": 30,
        "loss_retention_days": 90,
        "registration": "first",
        "metrics_token": "",
        "log_level": "INFO",
    }


@pytest.mark.parametrize(
    ("variable", "raw", "attribute", "value"),
    [
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("PORT", "9000", "port", 9000),
        ("WEB_CONCURRENCY", "4", "workers", 4),
        ("THREADS", "16", "threads", 16),
        ("DATABASE_URL", "sqlite:////var/lib/x.db", "database_url", "sqlite:////var/lib/x.db"),
        ("APP_KEY", KEY, "app_key", KEY),
        ("RATELIMIT_STORAGE_URI", "redis://h:6379/1", "ratelimit_storage_uri", "redis://h:6379/1"),
        ("BLUEPRINTS", "ingest", "blueprints", ("ingest",)),
        ("BLUEPRINTS", " ingest , my-own,, ", "blueprints", ("ingest", "my-own")),
        ("DUPLICATE_WINDOW_SECONDS", "0", "duplicate_window_seconds", 0),
        ("MAX_BODY_BYTES", "20480", "max_body_bytes", 20480),
        ("SQLITE_BUSY_SECONDS", " 3 ", "sqlite_busy_seconds", 3),
        ("POSTGRESQL_BUSY_SECONDS", "10", "postgresql_busy_seconds", 10),
        ("LOG_LEVEL", "warning", "log_level", "WARNING"),
    ],
)
def test_setting_is_read_from_its_variable(variable, raw, attribute, value):
    assert getattr(read_settings({variable: raw}), attribute) == value


def test_folder_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_settings({"INSTANCE_DIR": "data"}).instance_dir == tmp_path / "data"


@pytest.mark.parametrize("variable", ["PORT", "BLUEPRINTS", "DATABASE_URL", "APP_KEY", "LOG_LEVEL"])
@pytest.mark.parametrize("empty", ["", "  "])
def test_empty_variable_counts_as_not_set(variable, empty):
    assert read_settings({variable: empty}) == read_settings({})


NUMBERS = [
    "PORT",
    "WEB_CONCURRENCY",
    "THREADS",
    "DUPLICATE_WINDOW_SECONDS",
    "MAX_BODY_BYTES",
    "SQLITE_BUSY_SECONDS",
]


@pytest.mark.parametrize("variable", NUMBERS)
@pytest.mark.parametrize("raw", ["many", "-1", "1.5", "1e3", "0x10", "1_000", "٣", "8 0"])
def test_what_is_no_whole_number_is_refused_by_name(variable, raw):
    with pytest.raises(ConfigurationError, match=f"^{variable} must be a whole number") as refusal:
        read_settings({variable: raw})
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("variable", "raw"),
    [
        ("PORT", "65536"),
        ("WEB_CONCURRENCY", "0"),
        ("THREADS", "0"),
        ("DUPLICATE_WINDOW_SECONDS", "9" * 12),
        ("SQLITE_BUSY_SECONDS", "9" * 5000),
    ],
)
def test_number_that_cannot_be_served_with_is_refused_by_name(variable, raw):
    with pytest.raises(ConfigurationError, match=f"^{variable} "):
        read_settings({variable: raw})


@pytest.mark.parametrize("raw", ["loud", "INFO,DEBUG", "0"])
def test_unknown_log_level_is_refused_by_name(raw):
    with pytest.raises(ConfigurationError, match="^LOG_LEVEL must be "):
        read_settings({"LOG_LEVEL": raw})


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h/db", "postgresql+psycopg://u:p@h/db"),
        ("postgresql://u:p@h/db", "postgresql+psycopg://u:p@h/db"),
        ("postgresql+psycopg://u:p@h/db", "postgresql+psycopg://u:p@h/db"),
    ],
)
def test_postgresql_url_names_its_driver(given, used):
    assert read_settings({"DATABASE_URL": given}).database_url == used


@pytest.mark.parametrize("threshold", ["0", "5", "None", "never"])
def test_preparing_of_statements_can_only_be_switched_off(threshold):
    url = f"postgresql://h/db?prepare_threshold={threshold}"
    with pytest.raises(ConfigurationError, match="prepare_threshold can only be none"):
        read_settings({"DATABASE_URL": url})


@pytest.mark.parametrize(
    ("host", "bind_address", "local_url"),
    [
        ("127.0.0.1", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost", "localhost:8000", "http://localhost:8000"),
        ("0.0.0.0", "0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("::", "[::]:8000", "http://[::1]:8000"),
        ("2001:db8::1", "[2001:db8::1]:8000", "http://[2001:db8::1]:8000"),
        ("unix:/run/web.sock", "unix:/run/web.sock", "http://localhost"),
    ],
)
def test_address_to_listen_on_and_the_one_to_visit(host, bind_address, local_url):
    settings = read_settings({"HOST": host})
    assert settings.bind_address == bind_address
    assert settings.local_url == local_url


@pytest.mark.parametrize(
    ("database_url", "direct_url", "expected"),
    [
        ("", "postgresql://h/db", "is for PostgreSQL"),
        ("postgresql://h/db", "sqlite:////srv/pionne.db", "is for PostgreSQL"),
        ("postgresql://h/db", "nonsense", "DATABASE_DIRECT_URL is no database's URL"),
        ("postgresql://h/db", "mysql://h/db", "DATABASE_DIRECT_URL must be for"),
        ("postgresql://h/db", "postgresql://h/db?prepare_threshold=none", "past the pooler"),
    ],
)
def test_way_past_a_pooler_that_is_none_is_refused(database_url, direct_url, expected):
    with pytest.raises(ConfigurationError, match=expected):
        read_settings({"DATABASE_URL": database_url, "DATABASE_DIRECT_URL": direct_url})


def test_socket_is_named_by_its_whole_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_settings({"HOST": "unix:web.sock"}).bind_address == f"unix:{tmp_path}/web.sock"


@pytest.mark.parametrize("path", ["", "/run/" + "x" * 103])
def test_socket_that_no_system_takes_is_refused(path):
    with pytest.raises(ConfigurationError, match="HOST must name a socket"):
        read_settings({"HOST": f"unix:{path}"})


@pytest.mark.parametrize(
    ("host", "is_open"),
    [
        ("127.0.0.1", False),
        ("::1", False),
        ("localhost", False),
        ("unix:/run/web.sock", False),
        ("0.0.0.0", True),
        ("::", True),
        ("10.0.0.2", True),
        ("web.internal", True),
    ],
)
def test_who_may_reach_it(host, is_open):
    assert read_settings({"HOST": host}).is_open_to_network is is_open


@pytest.mark.parametrize(
    "environment",
    [
        {"APP_KEY": "secret" * 10},
        {"DATABASE_URL": "postgres://user:secret@h/db"},
        {
            "DATABASE_URL": "postgres://h/db",
            "DATABASE_DIRECT_URL": "postgres://user:secret@h/db",
        },
        {"RATELIMIT_STORAGE_URI": "redis://:secret@h"},
    ],
)
def test_secrets_do_not_show_when_settings_are_printed(environment):
    settings = read_settings(environment)
    assert "secret" not in repr(settings)
    assert "secret" not in str(settings)


class TestKey:
    def test_key_is_read_from_the_instance_folder(self, tmp_path):
        (tmp_path / "app.key").write_text(f"{KEY}\n")
        settings = read_settings({"INSTANCE_DIR": str(tmp_path)})
        assert settings.require_app_key() == KEY.encode()

    def test_key_file_can_be_elsewhere(self, tmp_path):
        (tmp_path / "secret").write_text(KEY)
        settings = read_settings({"APP_KEY_FILE": str(tmp_path / "secret")})
        assert settings.require_app_key() == KEY.encode()

    def test_variable_wins_over_the_file(self, tmp_path):
        (tmp_path / "app.key").write_text("f" * 32)
        settings = read_settings({"INSTANCE_DIR": str(tmp_path), "APP_KEY": KEY})
        assert settings.require_app_key() == KEY.encode()

    def test_missing_key_is_refused_only_when_it_is_needed(self, tmp_path):
        settings = read_settings({"INSTANCE_DIR": str(tmp_path)})
        with pytest.raises(ConfigurationError, match="^APP_KEY is not set and there is no key in "):
            settings.require_app_key()

    @pytest.mark.parametrize("key", ["k", "k" * 31])
    def test_short_key_is_refused_without_showing_it(self, key):
        with pytest.raises(ConfigurationError, match=f"^APP_KEY has {len(key)} .* 32 ") as refusal:
            read_settings({"APP_KEY": key}).require_app_key()
        assert key * 2 not in str(refusal.value)

    def test_empty_key_file_is_told_as_that_because_no_start_replaces_it(self, tmp_path):
        (tmp_path / "app.key").write_text("\n")
        with pytest.raises(
            ConfigurationError, match="^APP_KEY is not set and .*app.key is empty: "
        ):
            read_settings({"INSTANCE_DIR": str(tmp_path)}).require_app_key()

    def test_key_file_that_is_no_text_is_refused_by_name(self, tmp_path):
        (tmp_path / "app.key").write_bytes(b"\xff" * 32)
        with pytest.raises(ConfigurationError, match="app.key cannot be read as a key"):
            read_settings({"INSTANCE_DIR": str(tmp_path)})

    def test_key_file_that_is_a_folder_is_refused_by_name(self, tmp_path):
        (tmp_path / "app.key").mkdir()
        with pytest.raises(ConfigurationError, match="app.key cannot be read as a key"):
            read_settings({"INSTANCE_DIR": str(tmp_path)})


def test_table_has_a_row_for_every_setting():
    names = [f"| `{field.metadata['name']}` |" for field in dataclasses.fields(Settings)]
    rows = settings_table().splitlines()[2:]
    assert [row[: len(name)] for row, name in zip(rows, names, strict=True)] == names


def test_table_is_valid_markdown():
    assert {row.replace(r"\|", "").count("|") for row in settings_table().splitlines()} == {5}
