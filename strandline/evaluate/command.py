"""`strandline evaluate`: measure what levels are worth, on recorded, fetched or synthetic candles, or as published."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from consumers.analyzer.methods import analyze_with
from levels import Candles, Params, analyze
from levels.evaluation.walk_forward import ATR_CANDLES, WalkSettings
from levels.params import METHODS
from runtime.settings import Settings
from schemas.market import TIMEFRAMES, Market
from schemas.values import to_ms
from strandline import options
from strandline.evaluate.history import BLOCK_MS, evaluate_history
from strandline.evaluate.measured_block import (
    format_hold_rates,
    format_reach_knots,
    replace_measured_block,
)
from strandline.evaluate.report import (
    EvaluationReport,
    fit_reach_tables,
    measure,
    measure_excursions,
)
from strandline.evaluate.sources import FETCH_LIMIT, complete_market, load_series
from strandline.evaluate.tables import print_report
from strandline.levels.candle_file import read_candles
from strandline.levels.fetch import fetch_series


def evaluate(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE...",
            help="folder of candle files, file, market ('binance BTC/USDT 4h'), synthetic-walk, synthetic-planted; "
            "with --history: markets",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="save tables (JSON) and a plot into this folder")
    ] = None,
    rates: Annotated[
        Path | None, typer.Option("--rates", help="write the measured hold rates into levels/hold_rates.py")
    ] = None,
    reach: Annotated[
        Path | None, typer.Option("--reach", help="write the measured tables of p_reach into levels/reach.py")
    ] = None,
    params: options.Params = "{}",
    history: Annotated[
        bool,
        typer.Option(
            "--history", help="evaluate the levels that were published (analysis_history) of all markets"
        ),
    ] = False,
    candles: Annotated[
        Path | None,
        typer.Option(
            "--candles", help="with --history: folder of EXCHANGE_SYMBOL_TIMEFRAME.csv to evaluate on"
        ),
    ] = None,
    horizon: Annotated[
        int,
        typer.Option("--horizon", min=10, help="with --history: candles needed after a publication"),
    ] = WalkSettings().horizon,
) -> None:
    """Walk forward over candles: how often levels hold, beside placebos, and how stable they are.

    With --history the levels are those that were published at the time; they are not recomputed.
    """
    if history:
        _evaluate_published_levels(sources or [], candles, horizon, out)
        return
    if not sources:
        raise typer.BadParameter(
            "no SOURCE: name a folder, a file, a market or synthetic-walk, or pass --history"
        )
    series: dict[str, Candles] = {}
    for source in sources:
        series |= load_series(source)
    chosen = Params.from_dict(options.parse_json_object(params))
    if reach is not None:
        write_reach_tables(series, chosen, reach)
        return
    evaluate_series(series, out=out, rates=rates, params=chosen)


def evaluate_series(
    series: Mapping[str, Candles],
    *,
    console: Console | None = None,
    out: Path | None = None,
    rates: Path | None = None,
    params: Params | None = None,
) -> EvaluationReport:
    """Evaluate the levels of some series, print the tables, and save them.

    out: folder for `evaluation.json` and `evaluation.png`; rates: the module whose measured hold rates are replaced.
    """
    console = console or Console()
    params = params or Params()
    analyzer = analyze if params.method in METHODS else partial(analyze_with, params.method)
    report = measure(series, params, console, analyzer=analyzer)
    print_report(report, console)
    if out is not None:
        _save(report, out)
    if rates is not None:
        replace_measured_block(rates, format_hold_rates(report.rates, series))
    return report


def write_reach_tables(series: Mapping[str, Candles], params: Params, path: Path) -> None:
    """Measure the tables of p_reach on some series, and replace those in the module at `path`."""
    near, far = fit_reach_tables(measure_excursions(series, params))
    replace_measured_block(path, format_reach_knots(near, far, series))
    typer.echo(f"wrote {path}: measured on {len(series)} series", err=True)


def _save(report: EvaluationReport, out: Path) -> None:
    # Imported here because matplotlib takes a second to load.
    from strandline.evaluate.plot import draw_report  # noqa: PLC0415

    out.mkdir(parents=True, exist_ok=True)
    flags = orjson.OPT_NON_STR_KEYS | orjson.OPT_INDENT_2
    (out / "evaluation.json").write_bytes(orjson.dumps(asdict(report), option=flags))
    draw_report(report, out / "evaluation.png")


def _evaluate_published_levels(
    sources: list[str], folder: Path | None, horizon: int, out: Path | None
) -> None:
    settings = Settings.load().with_default_database()
    markets = {complete_market(settings, source).key for source in sources}

    def load_candles(key: str, since: int) -> Candles:
        exchange, market_type, symbol, timeframe = key.split(":")
        if folder is not None:
            return read_candles(folder / f"{exchange}_{symbol}_{timeframe}.csv", leave_out_last=True)
        market = Market.model_validate(
            {"exchange": exchange, "market_type": market_type, "symbol": symbol, "timeframe": timeframe}
        )
        needed = (to_ms(datetime.now(UTC)) - since) // TIMEFRAMES[timeframe] + ATR_CANDLES
        return fetch_series(settings, market, min(needed, FETCH_LIMIT)).closed

    evaluate_history(
        settings.require_database_url(),
        markets,
        load_candles,
        walk=WalkSettings(horizon=horizon, block_ms=BLOCK_MS),
        out=out,
    )
