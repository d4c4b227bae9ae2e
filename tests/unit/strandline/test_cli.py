"""The command line as a whole."""

from importlib import metadata

import pytest
from typer.testing import CliRunner

from strandline.commands import app, run


def test_cli_prints_its_version() -> None:
    answer = CliRunner().invoke(app, ["--version"])
    assert (answer.exit_code, answer.output) == (0, f"strandline {metadata.version('strandline')}\n")


def test_cli_lists_every_command_in_its_help() -> None:
    answer = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["--help"])
    for command in (
        "up",
        "doctor",
        "request",
        "levels",
        "evaluate",
        "tail",
        "analyzer",
        "sink",
        "api",
        "scheduler",
        "feed",
    ):
        assert f"  {command} " in answer.output
    for group in ("topics", "db", "dead-letters", "keys"):
        assert f"  {group} " in answer.output


def test_cli_exits_with_2_for_an_exchange_that_is_not_allowed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is an argument to correct, as a timeframe is."""
    monkeypatch.setattr("sys.argv", ["strandline", "levels", "nosuch", "BTC/USDT"])
    assert run() == 2
    assert "'nosuch' is none of" in capsys.readouterr().err
