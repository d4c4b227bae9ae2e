"""The command line. `strandline --help` lists it; an error is one line that says what to do."""

import sys

import typer

from levels import InvalidCandles, InvalidParams, TooFewCandles
from runtime.errors import ConfigurationError, StrandlineError
from schemas.market import InvalidMarket
from schemas.requests import InvalidRequest
from strandline import keys, roles, setup, tail
from strandline import levels_command as levels
from strandline.candle_file import BadCandleFile
from strandline.dead_letters import command as dead_letters
from strandline.doctor import command as doctor
from strandline.evaluate import command as evaluate_command
from strandline.market_args import BadWords
from strandline.request import command as request
from strandline.up import command as up

_USAGE = (
    BadCandleFile,
    BadWords,
    ConfigurationError,
    InvalidMarket,
    InvalidParams,
    InvalidRequest,
    tail.BadStart,
)

app = typer.Typer(
    help="Finds the price levels that markets turn at, and keeps them fresh.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    up.up,
    doctor.doctor,
    request.request,
    levels.levels,
    evaluate_command.evaluate,
    tail.tail,
    roles.analyzer,
    roles.sink,
    roles.api,
    roles.prices,
    roles.notifier,
    roles.scheduler,
    roles.watcher,
    roles.simulator,
):
    app.command()(command)
app.add_typer(setup.topics, name="topics")
app.add_typer(setup.db, name="db")
app.add_typer(dead_letters.dead_letters, name="dead-letters")
app.add_typer(keys.keys, name="keys")


def main() -> None:
    """Exit codes: 0, 1 for trouble on the way, 2 for something to type or set differently, 130 for Ctrl-C."""
    try:
        app()
    except _USAGE as error:
        sys.exit(_said(error, 2))
    except (StrandlineError, InvalidCandles, TooFewCandles) as error:
        sys.exit(_said(error, 1))
    except OSError as error:  # a file that can't be written, a port that is taken, a folder that is not there
        sys.exit(_said(error, 1))
    except KeyboardInterrupt:
        sys.exit(130)


def _said(error: Exception, code: int) -> int:
    typer.secho(f"strandline: {str(error) or type(error).__name__}", err=True, fg="red")
    return code
