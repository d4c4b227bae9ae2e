"""The command line as a whole."""

from importlib import metadata

from typer.testing import CliRunner

from strandline.commands import app


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
