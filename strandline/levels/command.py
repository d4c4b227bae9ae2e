"""`strandline levels`: compute levels from candles in this process, without a broker."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.chart_image.chart import ChartStyle, LevelChart
from consumers.analyzer.events import build_completed
from consumers.analyzer.methods import analyze_with
from exchanges.ports import Series
from levels import Analysis, Params, analyze
from levels.params import METHODS
from runtime.errors import ConfigurationError
from runtime.settings import Settings
from strandline import options
from strandline.levels.candle_file import STANDARD_INPUT, read_series
from strandline.levels.fetch import fetch_series
from strandline.levels.table import format_market, print_levels
from strandline.terminal import echo, echo_json

_PICTURES = (".png", ".svg", ".pdf", ".jpg")
_STYLE = ChartStyle(width=1_600, height=900)


def levels(
    market: Annotated[list[str] | None, typer.Argument(metavar="[EXCHANGE] SYMBOL [TIMEFRAME]")] = None,
    timeframe: options.Timeframe = None,
    market_type: options.MarketType = "spot",
    limit: options.Limit = 2_000,
    params: options.Params = "{}",
    csv: Annotated[
        Path | None, typer.Option("--csv", help="analyse this candle file; -: standard input")
    ] = None,
    last_open: Annotated[
        bool, typer.Option("--last-open", help="the file's last candle has not closed")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="draw candles, zones and visits into this PNG")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Compute levels in this process and print them. Exchange `sim` needs no internet, `--csv` no exchange."""
    if plot is not None and plot.suffix.lower() not in _PICTURES:
        raise typer.BadParameter(f"--plot {plot}: the name must end in {', '.join(_PICTURES)}")
    analysis_params = Params.from_dict(options.parse_json_object(params))
    arguments = market or ["file", _make_symbol(csv)] if csv else market or []
    body = options.build_request_body(arguments, timeframe, market_type, limit, params)
    settings = Settings.load()
    named = options.complete_request(body, exchange=settings.exchange).market
    series = read_series(csv, leave_out_last=last_open) if csv else fetch_series(settings, named, limit)
    for note in series.notes:
        echo(note, err=True)
    analysis = _analyze(series, analysis_params)
    event = build_completed(analysis, named, ["cli"], datetime.now(UTC))[0]
    title = (
        _name_file(csv)
        if csv
        else format_market(named.exchange, named.market_type, named.symbol, named.timeframe)
    )
    if as_json:
        echo_json(event.model_dump_json(exclude={"request_ids"}))
    else:
        print_levels(
            Console(),
            event,
            title=title,
            note="; ".join(filter(None, (analysis.reason, *series.notes))) or None,
        )
    if plot is not None:
        chart = LevelChart(
            title=title, last_price=event.last_price, levels=event.levels, note=analysis.reason
        )
        _draw(series, chart, plot, analysis_params)


def _draw(series: Series, chart: LevelChart, plot: Path, params: Params) -> None:
    """Write the picture. Raises ConfigurationError where the extra `plot` is not installed."""
    try:
        # Imported here because matplotlib takes a second to load.
        from api.chart_image.plot import LevelPlot  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        raise ConfigurationError("--plot needs matplotlib: install strandline[plot]") from error
    LevelPlot(chart, _STYLE, params).save(series.closed, str(plot), plot.suffix[1:].lower())
    echo(f"wrote {plot}", err=True)


def _analyze(series: Series, params: Params) -> Analysis:
    if params.method in METHODS:
        return analyze(series.closed, params, last_price=series.last_price)
    return analyze_with(params.method, series.closed, params, last_price=series.last_price)


def _name_file(path: Path) -> str:
    return "standard input" if path == STANDARD_INPUT else str(path)


def _make_symbol(path: Path) -> str:
    """Make a symbol from the file's name, for candles whose market was not given."""
    if path == STANDARD_INPUT:
        return "STDIN"
    return "".join(letter for letter in path.stem if letter.isalnum())[:64].ljust(2, "X")
