"""Every role has its command, and says what it lacks."""

import pytest
from typer.testing import CliRunner

from runtime.errors import ConfigurationError
from strandline.commands import app


@pytest.mark.parametrize(
    "role", ["analyzer", "sink", "api", "scheduler", "feed", "prices", "watcher", "tracker", "notifier"]
)
def test_role_without_kafka_names_the_setting(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRANDLINE_KAFKA_BOOTSTRAP", raising=False)
    result = CliRunner().invoke(app, [role])
    assert isinstance(result.exception, ConfigurationError)
    assert "STRANDLINE_KAFKA_BOOTSTRAP" in str(result.exception)
