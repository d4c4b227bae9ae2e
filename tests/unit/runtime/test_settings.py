import pytest

from runtime.errors import ConfigurationError
from runtime.settings import Settings


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_EXCHANGES", "binance, bybit")
    assert Settings.load().exchanges == ("binance", "bybit")


def test_a_wrong_setting_is_named_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_HTTP_PORT", "s3cret")
    with pytest.raises(ConfigurationError, match="STRANDLINE_HTTP_PORT") as wrong:
        Settings.load()
    assert "s3cret" not in str(wrong.value)


def test_a_setting_that_should_be_json_and_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_EXCHANGE_URLS", "{s3cret")
    with pytest.raises(ConfigurationError, match="exchange_urls") as wrong:
        Settings.load()
    assert "s3cret" not in str(wrong.value)


def test_an_empty_setting_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_OPS_PORT", "")
    assert Settings.load().ops_port is None


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANDLINE_DATABASE_URL", "mysql+aiomysql://u:hunter2@h/d")
    settings = Settings.load()
    assert "hunter2" not in repr(settings)
    assert settings.required_database_url().endswith("hunter2@h/d")


def test_what_is_missing_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRANDLINE_KAFKA_BOOTSTRAP", raising=False)
    with pytest.raises(ConfigurationError, match="STRANDLINE_KAFKA_BOOTSTRAP is not set"):
        Settings.load().required_kafka_bootstrap()
