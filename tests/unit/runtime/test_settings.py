"""Settings: where they are read from, and what their errors show."""

from pathlib import Path

import pytest

from runtime import settings as settings_file
from runtime.errors import ConfigurationError
from runtime.settings import Settings


def test_settings_split_lists_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_EXCHANGES", "binance, bybit")
    assert Settings.load().exchanges == ("binance", "bybit")


def test_settings_error_names_variable_without_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_HTTP_PORT", "s3cret")
    with pytest.raises(ConfigurationError, match="STRANDLINE_HTTP_PORT") as wrong:
        Settings.load()
    assert "s3cret" not in str(wrong.value)


def test_settings_error_names_field_with_invalid_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_EXCHANGE_URLS", "{s3cret")
    with pytest.raises(ConfigurationError, match="exchange_urls") as wrong:
        Settings.load()
    assert "s3cret" not in str(wrong.value)


def test_settings_treat_empty_variable_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_OPS_PORT", "")
    assert Settings.load().ops_port is None


def test_settings_repr_hides_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_DATABASE_URL", "mysql+aiomysql://u:hunter2@h/d")
    settings = Settings.load()
    assert "hunter2" not in repr(settings)
    assert settings.require_database_url().endswith("hunter2@h/d")


def test_settings_error_names_missing_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRANDLINE_KAFKA_BOOTSTRAP", raising=False)
    with pytest.raises(ConfigurationError, match="STRANDLINE_KAFKA_BOOTSTRAP is not set"):
        Settings.load().require_kafka_bootstrap()


def test_settings_read_secret_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings_file, "SECRET_FILES", tmp_path)
    monkeypatch.delenv("STRANDLINE_DATABASE_URL", raising=False)
    (tmp_path / "strandline_database_url").write_text("sqlite+aiosqlite:///from-a-file\n")
    assert Settings.load().require_database_url() == "sqlite+aiosqlite:///from-a-file"


def test_settings_prefer_environment_over_secret_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings_file, "SECRET_FILES", tmp_path)
    monkeypatch.setenv("STRANDLINE_DATABASE_URL", "sqlite+aiosqlite:///from-the-environment")
    (tmp_path / "strandline_database_url").write_text("sqlite+aiosqlite:///from-a-file")
    assert Settings.load().require_database_url() == "sqlite+aiosqlite:///from-the-environment"


@pytest.mark.filterwarnings("error")
def test_settings_load_without_secret_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings_file, "SECRET_FILES", tmp_path / "absent")
    assert Settings.load().exchange == "binance"
