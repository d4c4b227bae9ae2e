"""`strandline evaluate`: measure what levels are worth, on recorded, fetched or synthetic candles, or as published."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from levels import Candles, Params
from levels.evaluation.synthetic import planted, walk
from levels.evaluation.walk_forward import RECENT, Walk
from runtime.settings import Settings
from schemas.market import TIMEFRAMES, Market
from schemas.values import to_ms
from strandline import options
from strandline.candle_file import BadCandleFile, read_candles
from strandline.evaluate.history import BLOCK_MS
from strandline.evaluate.history import run as run_history
from strandline.evaluate.tables import read_directory, run
from strandline.levels_command import fetched
from strandline.market_args import read_words

SYNTHETIC = ("synthetic-walk", "synthetic-planted")
SEEDS, LENGTH, FETCHED = 8, 12_000, 10_000


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
        Path | None, typer.Option("--rates", help="write the measured hold rates as a Python module here")
    ] = None,
    params: options.Params = "{}",
    history: Annotated[
        bool,
        typer.Option(
            "--history", help="judge the levels that were published (analysis_history), of all markets"
        ),
    ] = False,
    candles: Annotated[
        Path | None,
        typer.Option("--candles", help="with --history: folder of EXCHANGE_SYMBOL_TIMEFRAME.csv to judge by"),
    ] = None,
    horizon: Annotated[
        int,
        typer.Option("--horizon", min=10, help="with --history: candles after a publication that it takes"),
    ] = Walk().horizon,
) -> None:
    """Walk forward over candles: how often levels hold, beside placebos, and how stable they are.

    With --history the levels are those that were published at the time, and not computed anew.
    """
    if history:
        _published(sources or [], candles, horizon, out)
        return
    if not sources:
        raise typer.BadParameter(
            "name a SOURCE: a folder, a file, a market, synthetic-walk; or say --history"
        )
    series: dict[str, Candles] = {}
    for source in sources:
        series |= _series(source)
    run(series, out=out, rates=rates, params=Params.from_dict(options.json_object(params)))


def _series(source: str) -> dict[str, Candles]:
    path = Path(source)
    if source in SYNTHETIC:
        return synthetic(source)
    if path.is_dir():
        found = read_directory(path)
        if not found:
            raise BadCandleFile(f"{path}: no *.csv in this folder")
        return found
    if path.is_file():
        return {path.stem: read_candles(path, leave_out_last=True)}
    return {source: _market(source)}


def synthetic(name: str) -> dict[str, Candles]:
    """Eight seeded series without any level, or with planted ones; each in its own time, as they share nothing."""
    found = {}
    for seed in range(SEEDS):
        made = walk(seed, LENGTH) if name == "synthetic-walk" else planted(seed, LENGTH).candles
        later = seed * (int(made.time[-1] - made.time[0]) + 100 * 86_400_000)
        prices = (made.open, made.high, made.low, made.close)
        found[f"{name}-{seed}"] = Candles(made.time + later, *prices, made.volume)
    return found


def _published(sources: list[str], folder: Path | None, horizon: int, out: Path | None) -> None:
    settings = Settings.load().with_default_database()
    markets = {_market_of(settings, source).key for source in sources}

    def candles_of(key: str, since: int) -> Candles:
        if folder is not None:
            exchange, _, symbol, timeframe = key.split(":")
            return read_candles(folder / f"{exchange}_{symbol}_{timeframe}.csv", leave_out_last=True)
        exchange, market_type, symbol, timeframe = key.split(":")
        market = Market.model_validate(
            {"exchange": exchange, "market_type": market_type, "symbol": symbol, "timeframe": timeframe}
        )
        wanted = (to_ms(datetime.now(UTC)) - since) // TIMEFRAMES[timeframe] + RECENT
        return fetched(settings, market, min(wanted, FETCHED)).closed

    run_history(
        settings.required_database_url(),
        markets,
        candles_of,
        walk=Walk(horizon=horizon, block_ms=BLOCK_MS),
        out=out,
    )


def _market(source: str) -> Candles:
    read_words(source.split())  # raises BadWords before anything is loaded
    settings = Settings.load()
    return fetched(settings, _market_of(settings, source), FETCHED).closed


def _market_of(settings: Settings, source: str) -> Market:
    body = options.request_body(source.split(), None, "spot", FETCHED, "{}")
    return options.complete(body, exchange=settings.exchange).market
