"""The commands: `strandline --help` lists them. An error is printed as one line."""

import asyncio
from importlib import metadata
from typing import Annotated

import typer

from levels.errors import InvalidCandles, InvalidParams, TooFewCandles
from runtime.errors import ConfigurationError, Permanent, StrandlineError
from runtime.redaction import redact_urls
from schemas.requests import InvalidRequest
from schemas.symbols import InvalidMarket
from strandline.candle_files.table import InvalidCandleFile
from strandline.interrupt import INTERRUPTED
from strandline.lazy_group import LazyGroup
from strandline.market_args import InvalidMarketArguments
from strandline.tail.start import InvalidStart
from strandline.terminal import configure_streams, describe_os_error, echo

_USAGE_ERRORS = (
    InvalidCandleFile,
    InvalidMarketArguments,
    ConfigurationError,
    InvalidMarket,
    InvalidParams,
    InvalidRequest,
    InvalidStart,
)

app = typer.Typer(
    cls=LazyGroup,
    help="Finds the price levels that markets turn at, and keeps them fresh.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def print_version(requested: bool) -> None:
    """Print the version and exit, where it was requested."""
    if requested:
        typer.echo(f"strandline {metadata.version('strandline')}")
        raise typer.Exit


@app.callback()
def set_global_options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=print_version, is_eager=True),
    ] = False,
) -> None:
    pass


def run() -> int:
    """Run the command line; return 1 for a failure, 2 for wrong arguments or settings, INTERRUPTED for Ctrl-C."""
    configure_streams()
    try:
        app()
    except _USAGE_ERRORS as error:
        return _report(error, 2)
    except Permanent as error:
        return _report(error, 2 if error.reason == "unknown_exchange" else 1)
    except (StrandlineError, InvalidCandles, TooFewCandles) as error:
        return _report(error, 1)
    except OSError as error:  # a file that can't be written, a port in use, a missing folder
        return _report(error, 1)
    except (KeyboardInterrupt, asyncio.CancelledError):  # the latter of a second Ctrl-C, during the stop
        return INTERRUPTED
    return 0


def _report(error: Exception, code: int) -> int:
    text = describe_os_error(error) if isinstance(error, OSError) else str(error)
    echo(f"strandline: {redact_urls(text) or type(error).__name__}", err=True, fg="red")
    return code
